/// Sees through what is done to words so that lists do not find them.
///
/// - Letters one by one with the same between them, three or more ("b u y", "f.r.e.e"), are joined; a wider space ends the
///   word. Two alone, as in "e.g.", are not.
/// - Signs that stand for letters (0o 1i 3e 4a 5s 7t @a $s !i |l) are read so in a word of two letters or more, no more such
///   signs than letters, one of them beside a letter; not in addresses. An exclamation mark at a word's end is one.
/// - Three or more of one letter become two.
///
/// Source: recipe of the spam model, step 4.
struct TextRevealer {
    private static let letter: UInt8 = 1
    private static let sign: UInt8 = 2
    private static let space: UInt8 = 4
    private static let joint: UInt8 = 8
    private static let high: UInt8 = 16
    /// A sign that stands for a letter only before one: at a word's end it is itself.
    private static let mark: UInt8 = 32

    /// Letters of a word that stand one by one; keeps the time in proportion to the text.
    private static let longestWord = 40

    /// What each byte may be, and the letter that a sign stands for.
    private let kinds: UnsafeMutablePointer<UInt8>
    private let letters: UnsafeMutablePointer<UInt8>
    /// The text after letters were joined.
    private let joined: UnsafeMutablePointer<UInt8>
    private let joinedOrigins: UnsafeMutablePointer<UInt16>
    private var joinedCount = 0
    private var hasChanged = false

    init(capacity: Int) {
        kinds = .allocate(capacity: 256)
        letters = .allocate(capacity: 256)
        joined = .allocate(capacity: capacity + 1)
        joinedOrigins = .allocate(capacity: capacity + 1)
        letters.initialize(repeating: 0, count: 256)
        joined.initialize(repeating: 0, count: capacity + 1)
        joinedOrigins.initialize(repeating: 0, count: capacity + 1)
        for byte in 0..<256 {
            kinds.advanced(by: byte).initialize(
                to: byte >= 128 ? Self.letter | Self.high : ASCIITable.isLetter(UInt8(byte)) ? Self.letter : 0
            )
        }
        for (sign, letter) in zip("013457@$!|".utf8, "oieastasil".utf8) {
            kinds[Int(sign)] = Self.sign
            letters[Int(sign)] = letter
        }
        kinds[0x20] = Self.space
        for joint in ".-_*/~+:='\"".utf8 { kinds[Int(joint)] = Self.joint }
        kinds[Int(UInt8(ascii: "!"))] = Self.mark
        kinds[Int(UInt8(ascii: "|"))] = Self.mark | Self.joint
    }

    func deallocate() {
        kinds.deallocate()
        letters.deallocate()
        joined.deallocate()
        joinedOrigins.deallocate()
    }

    /// Writes the form without disguises, and says whether it differs; where it does not, nothing is written.
    ///
    /// - Parameter raw: what `folded` is the form of: the width of spaces is seen there.
    mutating func reveal(_ folded: TextForm, into form: TextForm, raw: UnsafeBufferPointer<UInt8>) -> Bool {
        guard mayBeDisguised(folded) else { return false }
        hasChanged = false
        join(folded, raw)
        write(folded, into: form)
        return hasChanged
    }

    /// A quick look: a sign beside a letter, three of one letter, or three single letters in a row.
    private func mayBeDisguised(_ folded: TextForm) -> Bool {
        if let answer = mayBeDisguisedInWords(folded) { return answer }
        let (bytes, count, kinds) = (folded.storage, folded.count, kinds)
        var (before, last, lastButOne): (UInt8, UInt8, UInt8) = (Self.space, 0, 0)
        var (wordStart, singles, isHigh) = (0, 0, false)
        for place in 0..<count {
            let byte = bytes[place]
            let kind = kinds[Int(byte)]
            if kind & before & Self.letter != 0 {
                // Within a word, as most bytes are.
                if byte == last, byte == lastButOne { return true }
                isHigh = isHigh || byte >= 128
            } else if kind & (Self.letter | Self.sign) != 0 {
                if Self.touches(before, kind) { return true }
                if before & (Self.letter | Self.sign) == 0 { wordStart = place }
                isHigh = isHigh || byte >= 128
            } else if before & (Self.letter | Self.sign) != 0 {
                singles = place - wordStart == width(bytes[wordStart]) ? singles + 1 : 0
                if singles >= 3 { return true }
            }
            (before, lastButOne, last) = (kind, last, byte)
        }
        if before & (Self.letter | Self.sign) != 0, singles >= 2, count - wordStart == width(bytes[wordStart]) {
            return true
        }
        return isHigh && hasThird(bytes, count)
    }

    /// The same, eight bytes at once; `nil` where letters are not ASCII, or single ones many.
    private func mayBeDisguisedInWords(_ folded: TextForm) -> Bool? {
        let count = folded.count
        var before = EightBytes(0x2020_2020_2020_2020)
        var (letters, signs, marks, repeats, words, wordsBefore): (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)
        (letters, signs, marks, repeats, words, wordsBefore) = (0, 0, 0, 0, 0, 0)
        var (place, singles) = (0, 0)
        // One byte further than the text: its last word ends there.
        while place <= count {
            let block = EightBytes(folded.eightBytes(at: place)).spaced(after: count &- place)
            if block.isBeyondASCII { return nil }
            let (newLetters, newSigns) = (block.smallLetters, Self.signs(block))
            let newMarks = block.equal(to: UInt8(ascii: "!")) | block.equal(to: UInt8(ascii: "|"))
            let newWords = newLetters | newSigns
            let lettersBefore = EightBytes.later(newLetters, letters)
            let signsBefore = EightBytes.later(newSigns, signs) | EightBytes.later(newMarks, marks)
            if newSigns & lettersBefore | newLetters & signsBefore != 0 { return true }

            let newRepeats = newLetters & block.repeated(after: before)
            if newRepeats & EightBytes.later(newRepeats, repeats) != 0 { return true }

            // A word of one byte: the place before is one, those beside it are none.
            let newWordsBefore = EightBytes.later(newWords, words)
            singles += (newWordsBefore & ~newWords & ~EightBytes.later(newWordsBefore, wordsBefore)).nonzeroBitCount
            if singles >= 3 { return nil }
            (before, letters, signs, marks, repeats) = (block, newLetters, newSigns, newMarks, newRepeats)
            (words, wordsBefore) = (newWords, newWordsBefore)
            place &+= 8
        }
        return false
    }

    @inline(__always)
    private static func signs(_ block: EightBytes) -> UInt64 {
        let digits = block.within(UInt8(ascii: "0"), UInt8(ascii: "9"))
        let others = block.equal(to: UInt8(ascii: "@")) | block.equal(to: UInt8(ascii: "$"))
        guard digits != 0 else { return others }
        let plain =
            block.equal(to: UInt8(ascii: "2")) | block.equal(to: UInt8(ascii: "6")) | block.equal(to: UInt8(ascii: "8"))
            | block.equal(to: UInt8(ascii: "9"))
        return digits & ~plain | others
    }

    /// Whether three of one letter of several bytes stand in a row.
    private func hasThird(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int) -> Bool {
        for place in 0..<count where bytes[place] >= 0xC0 && isThird(bytes, place, count) { return true }
        return false
    }

    /// Whether a sign stands beside a letter so that it may be read as one.
    @inline(__always)
    private static func touches(_ before: UInt8, _ kind: UInt8) -> Bool {
        (kind | before) & (letter | sign) == letter | sign || before & mark != 0 && kind & letter != 0
    }

    /// Whether the scalar stands here for the third time.
    @inline(__always)
    private func isThird(_ bytes: UnsafeMutablePointer<UInt8>, _ place: Int, _ count: Int) -> Bool {
        let length = width(bytes[place])
        guard place >= 2 * length, place + length <= count else { return false }
        for offset in place..<place + length {
            if bytes[offset] != bytes[offset - length] || bytes[offset] != bytes[offset - 2 * length] { return false }
        }
        return true
    }

    @inline(__always)
    private func width(_ first: UInt8) -> Int { first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4 }

    // MARK: Letters one by one

    private mutating func join(_ folded: TextForm, _ raw: UnsafeBufferPointer<UInt8>) {
        joinedCount = 0
        var place = 0
        while place < folded.count {
            if folded.isWordBoundary(place), let end = joinLetters(folded, raw, from: place) {
                place = end
            } else {
                for offset in place..<min(place + width(folded.storage[place]), folded.count) {
                    append(folded.storage[offset], offset)
                }
                place += width(folded.storage[place])
            }
        }
        joinedOrigins[joinedCount] = UInt16(truncatingIfNeeded: folded.count)
    }

    private mutating func append(_ byte: UInt8, _ origin: Int) {
        joined[joinedCount] = byte
        joinedOrigins[joinedCount] = UInt16(truncatingIfNeeded: origin)
        joinedCount += 1
    }

    /// Appends letters that stand one by one from here, and gives the place behind them; `nil` where there are none.
    private mutating func joinLetters(_ folded: TextForm, _ raw: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        let before = joinedCount
        var (place, end, singles, letterCount) = (start, start, 0, 0)
        var separator: UInt8 = 0
        while let length = single(folded, at: place) {
            for offset in place..<place + length { append(folded.storage[offset], offset) }
            singles += 1
            if kinds[Int(folded.storage[place])] & Self.letter != 0 { letterCount += 1 }
            end = place + length
            guard singles < Self.longestWord, letterCount > 0 || singles < 4,
                let (kind, next) = separation(folded, raw, at: end), separator == 0 || kind == separator
            else { break }
            (separator, place) = (kind, next)
        }
        guard singles >= 3, letterCount * 2 >= singles, letterCount >= 2 else {
            joinedCount = before
            return nil
        }
        hasChanged = true
        return end
    }

    /// The length of a single letter, or of a sign for one.
    private func single(_ folded: TextForm, at place: Int) -> Int? {
        guard place < folded.count else { return nil }
        let byte = folded.storage[place]
        let length = width(byte)
        guard kinds[Int(byte)] & (Self.letter | Self.sign) != 0, byte < 128 || folded.wordClass(at: place) == .word
        else {
            return nil
        }
        let end = place + length
        guard end < folded.count else { return length }
        return folded.wordClass(at: end) == .none && kinds[Int(folded.storage[end])] & Self.sign == 0 ? length : nil
    }

    /// What separates two letters, and where the next begins: a space, or a sign, alone or between spaces.
    private func separation(_ folded: TextForm, _ raw: UnsafeBufferPointer<UInt8>, at place: Int) -> (UInt8, Int)? {
        guard place < folded.count else { return nil }
        let byte = folded.storage[place]
        let isSpaced = byte == 0x20
        if isSpaced, isWide(folded, raw, at: place) { return nil }
        let sign = isSpaced ? place + 1 : place
        guard sign < folded.count else { return nil }
        guard kinds[Int(folded.storage[sign])] & Self.joint != 0 else { return isSpaced ? (byte, sign) : nil }
        guard isSpaced else { return (folded.storage[sign], sign + 1) }
        let next = sign + 2
        guard next < folded.count, folded.storage[sign + 1] == 0x20 else { return nil }
        return (folded.storage[sign] | 0x80, next)
    }

    /// Whether several spaces, or a line's end, became the one.
    private func isWide(_ folded: TextForm, _ raw: UnsafeBufferPointer<UInt8>, at place: Int) -> Bool {
        let start = folded.isIdentity ? place : Int(folded.origins[place])
        if start < raw.count, raw[start] &- 0x0A < 4 { return true }
        guard !folded.isIdentity else { return false }
        let end = Int(folded.origins[place + 1])
        return end - start > 1 && raw[start] < 0x80
    }

    // MARK: Signs for letters, and letters repeated

    private mutating func write(_ folded: TextForm, into form: TextForm) {
        form.isIdentity = false
        var writer = FormWriter(form)
        var start = 0
        while start < joinedCount {
            var end = start
            while end < joinedCount, joined[end] != 0x20 { end += 1 }
            if hasSigns(start..<end) { replaceSigns(start..<end) }
            writeToken(start..<end, folded, into: &writer)
            if end < joinedCount { writer.write(0x20, origin: Int(joinedOrigins[end]), class: 0) }
            start = end + 1
        }
        writer.finish(sourceCount: folded.count)
        form.isASCII = folded.isASCII
    }

    private func hasSigns(_ token: Range<Int>) -> Bool {
        var (letterCount, signs, touches, isAddress) = (0, 0, false, false)
        var (hasAt, before) = (false, UInt8(0))
        for place in token {
            let byte = joined[place]
            let kind = kinds[Int(byte)]
            if kind & Self.letter != 0 { letterCount += byte & 0xC0 == 0x80 ? 0 : 1 }
            if kind & Self.sign != 0 || before & Self.mark != 0 && kind & Self.letter != 0 { signs += 1 }
            if Self.touches(before, kind) { touches = true }
            if byte == UInt8(ascii: "/") || byte == UInt8(ascii: ".") && hasAt { isAddress = true }
            if byte == UInt8(ascii: "@") { hasAt = true }
            before = kind
        }
        return touches && letterCount >= 2 && signs <= letterCount && !isAddress
    }

    private mutating func replaceSigns(_ token: Range<Int>) {
        for place in token where letters[Int(joined[place])] != 0 {
            let byte = joined[place]
            let isMark = kinds[Int(byte)] & Self.mark != 0
            if isMark, place + 1 == token.upperBound || kinds[Int(joined[place + 1])] & Self.letter == 0 { continue }
            joined[place] = letters[Int(byte)]
            hasChanged = true
        }
    }

    /// Whether the token's first word is one letter again and again.
    private func isOneLetter(_ token: Range<Int>) -> Bool {
        guard let first = token.first else { return false }
        for place in token where joined[place] != joined[first] {
            return !ASCIITable.isWord(joined[place]) && joined[place] < 128
        }
        return true
    }

    private mutating func writeToken(_ token: Range<Int>, _ folded: TextForm, into writer: inout FormWriter) {
        var place = token.lowerBound
        // "www." and "xxx" are what they are.
        let isSame = isOneLetter(token)
        while place < token.upperBound {
            let length = min(width(joined[place]), token.upperBound - place)
            let origin = Int(joinedOrigins[place])
            let isLetter =
                joined[place] < 128 ? ASCIITable.isLetter(joined[place]) : folded.wordClass(at: origin) == .word
            if isLetter, !isSame, place >= token.lowerBound + 2 * length, isThird(joined, place, joinedCount) {
                hasChanged = true
            } else {
                let wordClass = joined[place] < 128 ? ASCIITable.isWord(joined[place]) ? 1 : 0 : folded.classes[origin]
                for offset in place..<place + length { writer.write(joined[offset], origin: origin, class: wordClass) }
            }
            place += length
        }
    }
}
