/// Puts a sign in the place of what is not to be read.
package enum Masker {
    /// The text with each character in the ranges replaced, so that as many are seen as were.
    ///
    /// - Parameters:
    ///   - ranges: in bytes of UTF-8, in any order; they may overlap. A character that is in one in part is replaced whole;
    ///     what is beyond the text is nothing.
    ///   - mask: what each character becomes.
    package static func masked(_ text: String, _ ranges: [Range<Int>], with mask: String) -> String {
        let ranges = ranges.filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }
        guard !ranges.isEmpty else { return text }
        var masked = ""
        var (offset, next, covered) = (0, 0, 0)
        for character in text {
            let end = offset + character.utf8.count
            while next < ranges.count, ranges[next].lowerBound < end {
                covered = max(covered, ranges[next].upperBound)
                next += 1
            }
            if covered > offset { masked += mask } else { masked.append(character) }
            offset = end
        }
        return masked
    }
}
