/// “Did you mean …?” for names that are not known.
enum Suggestion {
    /// `; did you mean X?`, or nothing when no candidate is near.
    static func text(for name: String, among candidates: [String], prefix: String = "") -> String {
        nearest(to: name, among: candidates).map { "; did you mean \(prefix)\($0)?" } ?? ""
    }

    /// The candidate that fewest edits make of `name`, if they are no more than a third of its letters.
    static func nearest(to name: String, among candidates: [String]) -> String? {
        let ranked = candidates.map { ($0, edits(name.lowercased(), $0.lowercased())) }
        guard let best = ranked.min(by: { $0.1 < $1.1 }), best.1 <= max(1, name.count / 3) else { return nil }
        return best.0
    }

    /// Insertions, deletions, replacements and exchanges of neighbours (optimal string alignment).
    static func edits(_ left: String, _ right: String) -> Int {
        let (a, b) = (Array(left.utf8.prefix(64)), Array(right.utf8.prefix(64)))
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
                row.append(cost)
            }
            (beforeLast, last) = (last, row)
        }
        return last[b.count]
    }
}
