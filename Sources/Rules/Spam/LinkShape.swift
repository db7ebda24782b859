/// Whether what stands between white space leads somewhere: `http://…`, `www.…`, or a name under a well-known ending.
///
/// Coarser than the links of rules, which have to be exact: here it is one sign among many, and costs nanoseconds.
enum LinkShape {
    /// Endings that are no words which people write after a full stop without a space.
    private static let endings: Set<UInt64> = Set(
        [
            "com", "net", "org", "info", "biz", "uk", "tv", "mobi", "ru", "eu", "xyz", "top", "shop", "site", "online",
            "club", "app", "ly", "gl", "io", "cn", "de", "fr", "se", "dk", "nl", "link", "live", "store", "vip",
        ].map { packed($0.unicodeScalars.map(\.value)) }
    )

    private static func packed(_ scalars: some Sequence<UInt32>) -> UInt64 {
        scalars.reduce(0) { $0 << 8 | UInt64($1 & 0xFF) }
    }

    /// - Parameter range: without white space.
    static func isLink(_ text: SpamText, _ range: Range<Int>) -> Bool {
        let (scalars, kinds) = (text.scalars, text.kinds)
        for place in range.dropFirst().dropLast() {
            if scalars[place] == 0x3A, place + 2 < range.upperBound, scalars[place + 1] == 0x2F,
                scalars[place + 2] == 0x2F
            {
                return kinds[place - 1].contains(.letter)
            }
            guard scalars[place] == 0x2E, isName(kinds[place - 1]) else { continue }
            if place - range.lowerBound >= 3, scalars[place - 1] == 0x77, scalars[place - 2] == 0x77,
                scalars[place - 3] == 0x77
            {
                return true
            }
            var end = place + 1
            while end < range.upperBound, end - place < 8, kinds[end].contains(.letter) { end += 1 }
            let isWhole = end == range.upperBound || !isName(kinds[end])
            if isWhole, end - place > 2 {
                let ending = UnsafeBufferPointer(start: scalars + place + 1, count: end - place - 1)
                if endings.contains(packed(ending)) { return true }
            }
        }
        return false
    }

    private static func isName(_ kind: ScalarKind) -> Bool { !kind.isDisjoint(with: [.letter, .digit]) }
}
