/// "Did you mean …?" for names that are not known.
enum Suggestion {
    /// The candidate that fewest edits make of `name`, if they are no more than a third of its letters.
    static func nearest(to name: String, among candidates: [String]) -> String? {
        let ranked = candidates.map { ($0, edits(name.lowercased(), $0.lowercased())) }
        guard let best = ranked.min(by: { $0.1 < $1.1 }), best.1 <= max(1, name.utf8.count / 3) else { return nil }
        return best.0
    }

    /// Insertions, deletions and replacements (Levenshtein), of the first letters of overlong names.
    private static func edits(_ left: String, _ right: String) -> Int {
        let (left, right) = (left.utf8.prefix(lettersMost), right.utf8.prefix(lettersMost))
        var last = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var row = [index + 1]
            for (column, other) in right.enumerated() {
                row.append(min(last[column + 1] + 1, row[column] + 1, last[column] + (letter == other ? 0 : 1)))
            }
            last = row
        }
        return last[right.count]
    }

    private static let lettersMost = 64
}
