/// What can be counted in a text in one pass.
struct TextMeasures {
    private(set) var words = 0
    private(set) var letters = 0
    private(set) var capitals = 0
    private(set) var emoji = 0
    private(set) var mostMarks = 0
    private(set) var longestRun = 0
    private(set) var scripts = 0
    private(set) var mixedWords = 0
    private(set) var markup = 0

    init(_ raw: UnsafeBufferPointer<UInt8>, isASCII: Bool) {
        if isASCII { countASCII(raw) } else { countScalars(raw) }
        if EightBytes.contains(UInt8(ascii: "<"), in: raw) { markup = MarkupRemover.tagCount(raw) }
    }

    private mutating func countASCII(_ raw: UnsafeBufferPointer<UInt8>) {
        var counter = ASCIICounter()
        counter.count(raw)
        (words, letters, capitals, longestRun) = (counter.words, counter.letters, counter.capitals, counter.longestRun)
        scripts = letters > 0 ? 1 : 0
    }

    private mutating func countScalars(_ raw: UnsafeBufferPointer<UInt8>) {
        let tables = UnicodeTables.shared
        var (place, run, marks, last) = (0, 0, 0, UInt32(0))
        var (isInWord, seen, wordScripts) = (false, UInt32(0), UInt32(0))
        var emojiState = EmojiCounter()
        while place < raw.count {
            let (scalar, length) = UTF8Reader.scalar(raw, at: place)
            place += length
            let info = tables.info(scalar)
            emojiState.take(scalar, info)
            switch info.kind {
            case .mark:
                marks += 1
                mostMarks = max(mostMarks, marks)
                continue
            case .hidden: continue
            case .letter, .digit:
                if info.kind == .letter {
                    letters += 1
                    if info.isUpper { capitals += 1 }
                    seen |= 1 << info.script
                    if info.script > 0 { wordScripts |= 1 << info.script }
                }
                if !isInWord || info.wordClass == .ideograph { words += 1 }
                isInWord = true
            default:
                if scalar != 0x27, scalar != 0x2019 {
                    if wordScripts.nonzeroBitCount > 1 { mixedWords += 1 }
                    (isInWord, wordScripts) = (false, 0)
                }
            }
            marks = 0
            run = scalar == last ? run + 1 : 1
            if run > longestRun, info.kind != .space { longestRun = run }
            last = scalar
        }
        if wordScripts.nonzeroBitCount > 1 { mixedWords += 1 }
        scripts = (seen & ~1).nonzeroBitCount
        emoji = emojiState.count
    }
}

/// Counts in plain ASCII, eight bytes at once where no apostrophe holds words together and no byte stands three times.
private struct ASCIICounter {
    private(set) var words = 0
    private(set) var letters = 0
    private(set) var capitals = 0
    private(set) var longestRun = 0
    /// Of the byte before: how often it stood there in a row, and whether it is in a word (1, else 0).
    private var run = 0
    private var last: UInt8 = 0
    private var isInWord: UInt8 = 0

    mutating func count(_ text: UnsafeBufferPointer<UInt8>) {
        guard let start = text.baseAddress else { return }
        ASCIITable.traits.withUnsafeBufferPointer { table in
            var place = 0
            while place &+ 8 <= text.count {
                let bytes = UnsafeRawPointer(start).loadUnaligned(fromByteOffset: place, as: UInt64.self)
                if !count(EightBytes(bytes), last: UInt8(truncatingIfNeeded: bytes >> 56)) {
                    for offset in place..<place &+ 8 { count(text[offset], table) }
                }
                place &+= 8
            }
            for offset in place..<text.count { count(text[offset], table) }
        }
    }

    /// False where they have to be counted one by one.
    @inline(__always)
    private mutating func count(_ bytes: EightBytes, last newLast: UInt8) -> Bool {
        let repeats = bytes.repeated(after: EightBytes(UInt64(last) << 56))
        let repeatedBefore: UInt64 = run > 1 ? 0x80 << 56 : 0
        guard bytes.equal(to: UInt8(ascii: "'")) == 0, repeats & EightBytes.later(repeats, repeatedBefore) == 0 else {
            return false
        }
        let big = bytes.within(UInt8(ascii: "A"), UInt8(ascii: "Z"))
        let all = big | bytes.smallLetters
        let inWords = all | bytes.within(UInt8(ascii: "0"), UInt8(ascii: "9"))
        letters += all.nonzeroBitCount
        capitals += big.nonzeroBitCount
        words += (inWords & ~EightBytes.later(inWords, UInt64(isInWord) << 63)).nonzeroBitCount
        let visible = bytes.within(0x21, 0x7F)
        if longestRun < 2, visible != 0 { longestRun = repeats & visible != 0 ? 2 : 1 }
        isInWord = UInt8(truncatingIfNeeded: inWords >> 63)
        run = repeats >> 63 == 1 ? 2 : 1
        last = newLast
        return true
    }

    @inline(__always)
    private mutating func count(_ byte: UInt8, _ table: UnsafeBufferPointer<UInt8>) {
        let traits = table[Int(byte)]
        let isWord = traits >> 2 & 1
        letters &+= Int(traits & 1)
        capitals &+= Int(traits >> 1 & 1)
        words &+= Int(isWord & ~isInWord)
        isInWord = isWord | isInWord & traits >> 3
        run = byte == last ? run &+ 1 : 1
        if run > longestRun, byte > 0x20 { longestRun = run }
        last = byte
    }
}

/// Counts emoji as people see them: a sequence held together by joiners is one, and so is a flag.
private struct EmojiCounter {
    private(set) var count = 0
    private var isJoined = false
    private var isFlagOpen = false
    /// A character that is an emoji only if the next scalar says so.
    private var isPending = false

    mutating func take(_ scalar: UInt32, _ info: ScalarInfo) {
        switch scalar {
        case 0x200D: isJoined = true
        case 0xFE0F:
            if isPending, !isJoined { count += 1 }
            isPending = false
        case 0x1F3FB...0x1F3FF: break  // tones of skin belong to what is before
        case 0x1F1E6...0x1F1FF:
            if !isFlagOpen { count += 1 }
            isFlagOpen.toggle()
            return
        case 0x20E3, 0..<0x80:
            isPending = scalar == 0x23 || scalar == 0x2A || 0x30...0x39 ~= scalar
            isJoined = false
        default:
            guard info.kind == .other, let properties = Unicode.Scalar(scalar)?.properties else {
                (isPending, isJoined) = (false, false)
                break
            }
            isPending = false
            if properties.isEmojiPresentation, !isJoined { count += 1 }
            if !properties.isEmojiPresentation { isPending = properties.isEmoji && !isJoined }
            isJoined = false
        }
        isFlagOpen = false
    }
}
