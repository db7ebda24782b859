/// A text as the spam model reads it: step 1 of its recipe, before lower-casing.
package struct NormalisedText: Sendable, Equatable {
    /// UTF-8.
    package let bytes: [UInt8]
    package let counts: TextFolder.Counts

    /// - Parameter text: cut by the caller where it needs a bound; takes time in proportion to its length.
    package init(_ text: String) {
        var text = text
        (bytes, counts) = text.withUTF8 { Self.normalised($0, for: .model) }
    }

    static func normalised(
        _ text: UnsafeBufferPointer<UInt8>,
        for purpose: TokenFolder.Purpose
    ) -> ([UInt8], TextFolder.Counts) {
        var counts = TextFolder.Counts()
        let isPlain = purpose == .model && text.allSatisfy { $0 < 128 && $0 != UInt8(ascii: "&") }
        guard !isPlain else { return (Array(text), counts) }
        var folder = TokenFolder(purpose: purpose)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        folder.fold(text, 0..<text.count, into: &bytes, &counts)
        return (bytes, counts)
    }
}
