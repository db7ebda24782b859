import Limits

/// A text as the features see it: normalised, in lower case, as scalars, words and tokens.
///
/// Its buffers are as long as texts may be, and overwritten by the next text; not for use by several threads.
final class SpamText {
    /// A run of letters, a run of digits, or a single sign.
    struct Token {
        enum Kind: UInt8 { case word, number, sign }
        var start: Int32
        var end: Int32
        var kind: Kind
        var range: Range<Int> { Int(start)..<Int(end) }
        var count: Int { Int(end &- start) }
    }

    /// Most scalars.
    let capacity: Int
    private let limit: Int
    /// In lower case.
    let scalars: UnsafeMutablePointer<UInt32>
    let kinds: UnsafeMutablePointer<ScalarKind>
    private(set) var count = 0
    private(set) var counts = TextFolder.Counts()
    /// White space as one space, digits as `0`, a space at either end: what stretches of characters are taken from.
    let characters: UnsafeMutablePointer<UInt32>
    private(set) var characterCount = 0
    private(set) var tokens: [Token] = []

    private let tables = UnicodeTables.shared
    private let ascii: UnsafeMutablePointer<(lower: UInt8, kind: ScalarKind)>
    private var folder = TokenFolder(purpose: .model)
    private var folded: [UInt8] = []

    init(limits: Limits.Rules) {
        limit = limits.textBytes
        // NFKC makes up to eighteen times as much of a text; three times is far more than people write.
        capacity = limit * 3
        scalars = .allocate(capacity: capacity)
        kinds = .allocate(capacity: capacity)
        characters = .allocate(capacity: capacity + 2)
        ascii = .allocate(capacity: 128)
        scalars.initialize(repeating: 0, count: capacity)
        kinds.initialize(repeating: [], count: capacity)
        characters.initialize(repeating: 0, count: capacity + 2)
        ascii.initialize(from: ScalarKind.ascii, count: 128)
    }

    deinit {
        scalars.deallocate()
        kinds.deallocate()
        characters.deallocate()
        ascii.deallocate()
    }

    /// Takes a new text in place of the last; what is beyond ``Limits/Rules/textBytes`` is not looked at.
    func read(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            let end = TextFolder.cut(bytes, limit)
            normalise(UnsafeBufferPointer(rebasing: bytes[..<end]))
        }
        cutTokens()
    }

    // MARK: Normalised, as scalars

    private func normalise(_ text: UnsafeBufferPointer<UInt8>) {
        (count, counts) = (0, TextFolder.Counts())
        characters[0] = 0x20
        characterCount = 1
        if isPlain(text) {
            decode(text)
        } else {
            folded.removeAll(keepingCapacity: true)
            var place = 0
            while place < text.count {
                var end = place
                while end < text.count, !ASCIITable.isSpace(text[end]) { end += 1 }
                end = min(end + 1, text.count)
                if isPlain(UnsafeBufferPointer(rebasing: text[place..<end])) {
                    folded.append(contentsOf: text[place..<end])
                } else {
                    folder.fold(text, place..<end, into: &folded, &counts)
                }
                place = end
            }
            folded.withUnsafeBufferPointer { decode($0) }
        }
        if characters[characterCount - 1] != 0x20 {
            characters[characterCount] = 0x20
            characterCount += 1
        }
    }

    /// ASCII without entities stays as it is.
    private func isPlain(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var all: UInt8 = 0
        var ampersand = false
        for byte in text {
            all |= byte
            ampersand = ampersand || byte == UInt8(ascii: "&")
        }
        return all < 128 && !ampersand
    }

    private func decode(_ text: UnsafeBufferPointer<UInt8>) {
        var (place, count, written) = (0, 0, characterCount)
        let (scalars, kinds, characters, ascii) = (scalars, kinds, characters, ascii)
        let most = capacity
        while place < text.count, count < most {
            let byte = text[place]
            let (scalar, kind): (UInt32, ScalarKind)
            if byte < 128 {
                let known = ascii[Int(byte)]
                (scalar, kind) = (UInt32(known.lower), known.kind)
                place &+= 1
            } else {
                let (read, length) = UTF8Reader.scalar(text, at: place)
                (scalar, kind) = ScalarKind.other(read, tables)
                place &+= length
            }
            scalars[count] = scalar
            kinds[count] = kind
            count &+= 1
            let character: UInt32 =
                kind.rawValue & 6 == 0 ? scalar : kind.contains(.digit) ? UInt32(UInt8(ascii: "0")) : 0x20
            characters[written] = character
            written &+= character == 0x20 && characters[written &- 1] == 0x20 ? 0 : 1
        }
        (self.count, characterCount) = (count, written)
    }

    // MARK: Tokens

    private func cutTokens() {
        tokens.removeAll(keepingCapacity: true)
        let (kinds, count) = (kinds, count)
        var place = 0
        while place < count {
            let kind = kinds[place]
            let start = place
            place &+= 1
            if kind.contains(.letter) {
                while place < count {
                    if kinds[place].contains(.letter) {
                        place &+= 1
                    } else if kinds[place].contains(.apostrophe), place &+ 1 < count,
                        kinds[place &+ 1].contains(.letter)
                    {
                        place &+= 2
                    } else {
                        break
                    }
                }
                tokens.append(Token(start: Int32(start), end: Int32(place), kind: .word))
            } else if kind.contains(.digit) {
                while place < count, kinds[place].contains(.digit) { place &+= 1 }
                tokens.append(Token(start: Int32(start), end: Int32(place), kind: .number))
            } else if !kind.contains(.space) {
                tokens.append(Token(start: Int32(start), end: Int32(place), kind: .sign))
            }
        }
    }
}
