/// “Did you mean …?” for names that are not known.
package enum Suggestion {
    /// `; did you mean X?`, or nothing when no candidate is near.
    package static func text(for name: String, among candidates: [String], prefix: String = "") -> String {
        nearest(to: name, among: candidates).map { "; did you mean \(prefix)\($0)?" } ?? ""
    }

    /// The candidate that fewest edits make of `name`, if they are no more than a third of its letters.
    package static func nearest(to name: String, among candidates: [String]) -> String? {
        let (name, most) = (compared(name), max(1, name.count / 3))
        var nearest: (candidate: String, edits: Int)?
        for candidate in candidates {
            let compared = compared(candidate)
            guard abs(compared.count - name.count) <= most else { continue }
            let edits = edits(name, compared)
            if edits <= most, edits < nearest?.edits ?? .max { nearest = (candidate, edits) }
        }
        return nearest?.candidate
    }

    /// Insertions, deletions, replacements and exchanges of neighbours, of the first 64 bytes.
    package static func edits(_ left: String, _ right: String) -> Int {
        edits(Array(left.utf8.prefix(64)), Array(right.utf8.prefix(64)))
    }

    private static func compared(_ name: String) -> [UInt8] {
        Array(name.lowercased().utf8.prefix(64))
    }

    /// Optimal string alignment.
    private static func edits(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            row.reserveCapacity(b.count + 1)
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
