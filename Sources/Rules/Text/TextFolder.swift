package import Limits

/// A message's text in the forms that rules look at, each with the way back to what was written.
///
/// - `folded`: HTML's entities decoded, what cannot be seen dropped, NFKC, marks on Latin letters dropped, look-alikes of
///   ASCII replaced, typographic quotes and dashes made plain, lower case, white space collapsed to one space.
/// - `revealed`: `folded` seen through disguises: "fr33", "b u y  n o w", "b.u.y", "freeee". See ``TextRevealer``.
///
/// Keep one for each thread: it owns the buffers, which the next text overwrites. A text takes time in proportion to its
/// length, which is cut at ``Limits/Rules/textBytes``.
package final class TextFolder {
    /// Which form a range is of.
    package enum Form: Sendable { case folded, revealed }

    /// What had to be done to a text.
    package struct Counts: Sendable, Equatable {
        /// Scalars that cannot be seen.
        package var invisibles = 0
        /// Scalars that NFKC replaces by others that mean about the same, such as full-width letters.
        package var compatibility = 0
        /// Marks dropped from letters.
        package var combining = 0
        /// Scalars that look like ASCII and were replaced by it.
        package var folded = 0
    }

    let rawStorage: UnsafeMutablePointer<UInt8>
    let limit: Int
    package internal(set) var rawCount = 0
    /// The text was longer than ``Limits/Rules/textBytes``, or its folded form was: its end is not judged.
    package internal(set) var isCut = false
    package internal(set) var counts = Counts()
    package let folded: TextForm
    private let unfoldedRevealed: TextForm
    /// The text holds disguises: ``revealed`` differs from ``folded``, and is worth looking through as well.
    package private(set) var isDisguised = false

    private var tokens = TokenFolder(purpose: .matching)
    private let asciiFolded: UnsafeMutablePointer<UInt8>
    private var revealer: TextRevealer
    private var characters = CharacterBounds()
    private var knownMeasures: TextMeasures?
    var knownContacts: [Contact]?
    var contactTokens = ContactTokens()
    let contactLimit: Int

    package init(limits: Limits.Rules = Limits.Rules()) {
        (limit, contactLimit) = (limits.textBytes, limits.contacts)
        rawStorage = .allocate(capacity: limit + 1)
        rawStorage.initialize(repeating: 0, count: limit + 1)
        // NFKC makes up to eleven times as much of a text; three times is far more than people write.
        folded = TextForm(capacity: limit * 3)
        unfoldedRevealed = TextForm(capacity: limit * 3)
        revealer = TextRevealer(capacity: limit * 3)
        asciiFolded = .allocate(capacity: 256)
        asciiFolded.initialize(from: ASCIITable.folded, count: 256)
    }

    deinit {
        rawStorage.deallocate()
        asciiFolded.deallocate()
        revealer.deallocate()
    }

    /// The text as it was written, UTF-8, valid until the next text is folded.
    package var raw: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: rawStorage, count: rawCount) }
    /// The form without disguises: ``folded`` itself where there are none.
    package var revealed: TextForm { isDisguised ? unfoldedRevealed : folded }

    /// Takes a new text in place of the last.
    package func fold(_ text: String) {
        var text = text
        text.withUTF8 { fold(valid: $0) }
    }

    /// Takes a new text that may be no UTF-8: it is repaired by U+FFFD, and offsets are those of ``raw``, the repaired.
    package func fold(bytes: some Collection<UInt8>) { fold(String(decoding: bytes, as: UTF8.self)) }

    /// What a range of a form's bytes was in ``raw``: whole characters, and all that lies hidden between them.
    package func raw(of range: Range<Int>, in form: Form) -> Range<Int> {
        var range = range
        if form == .revealed, isDisguised {
            range = unfoldedRevealed.origin(of: range, sourceCount: folded.count)
        }
        range = folded.origin(of: range, sourceCount: rawCount)
        return folded.isASCII && folded.isIdentity ? range : bounds.whole(range, in: raw)
    }

    /// How many characters ``raw`` has, as people count them.
    var characterCount: Int { folded.isASCII && folded.isIdentity ? rawCount : bounds.count }

    var measures: TextMeasures {
        if let known = knownMeasures { return known }
        let measures = TextMeasures(raw, isASCII: folded.isASCII && folded.isIdentity)
        knownMeasures = measures
        return measures
    }

    private var bounds: CharacterBounds {
        if !characters.isKnown { characters.find(in: raw) }
        return characters
    }

    private func fold(valid text: UnsafeBufferPointer<UInt8>) {
        rawCount = Self.cut(text, limit)
        isCut = rawCount < text.count
        if let start = text.baseAddress, rawCount > 0 { rawStorage.update(from: start, count: rawCount) }
        characters.isKnown = false
        (knownMeasures, knownContacts) = (nil, nil)
        counts = Counts()
        foldASCII()
        isDisguised = revealer.reveal(folded, into: unfoldedRevealed, raw: raw)
    }

    /// Where to end a text of no more bytes than the limit: before a scalar, and before marks of the character cut.
    static func cut(_ text: UnsafeBufferPointer<UInt8>, _ limit: Int) -> Int {
        guard text.count > limit else { return text.count }
        var end = limit
        while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
        return end
    }

    /// The way of most texts: bytes that stay where they are until the first that does not.
    private func foldASCII() {
        let (source, target, table) = (rawStorage, folded.storage, asciiFolded)
        let count = rawCount
        folded.isASCII = true
        folded.isIdentity = true
        var (place, isInPlace) = (0, true)
        while place < count, isInPlace {
            place = foldWords(from: place)
            let end = min(place + 8, count)
            while place < end, isInPlace {
                let byte = table[Int(source[place])]
                if byte <= 0x20, byte == 0 || place > 0 && target[place - 1] == 0x20 {
                    isInPlace = source[place] == UInt8(ascii: "&") && HTMLEntity(rest(from: place)) == nil
                    guard isInPlace else { break }
                    target[place] = UInt8(ascii: "&")
                } else {
                    target[place] = byte
                }
                place &+= 1
            }
        }
        folded.count = place
        if place < count { foldRest() }
    }

    /// Eight bytes at once as long as each stays in its place, and the place behind them.
    private func foldWords(from start: Int) -> Int {
        let (source, target) = (UnsafeRawPointer(rawStorage), UnsafeMutableRawPointer(folded.storage))
        let count = rawCount
        var place = start
        var spaceBefore: UInt64 = start > 0 && folded.storage[start - 1] == 0x20 ? 0x80 : 0
        while place &+ 8 <= count {
            let word = EightBytes(source.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            let spaces = word.equal(to: 0x20)
            guard word.areVisibleASCII, word.equal(to: UInt8(ascii: "&")) == 0,
                spaces & (spaces << 8 | spaceBefore) == 0
            else { break }
            target.storeBytes(of: word.lowered, toByteOffset: place, as: UInt64.self)
            spaceBefore = spaces >> 56
            place &+= 8
        }
        return place
    }

    /// Goes on where a byte did not stay in its place: with tokens between white space.
    private func foldRest() {
        var place = folded.count
        while place > 0, !ASCIITable.isSpace(rawStorage[place - 1]) { place -= 1 }
        for offset in 0..<place {
            folded.origins[offset] = UInt16(truncatingIfNeeded: offset)
            folded.classes[offset] = ASCIITable.isWord(folded.storage[offset]) ? 1 : 0
        }
        folded.isIdentity = false
        var writer = FormWriter(folded, count: place)
        while place < rawCount, !writer.isFull {
            let end = tokenEnd(from: place)
            if end == place {
                writer.writeSpace(origin: place)
                place += 1
            } else if isPlain(place..<end) {
                for offset in place..<end { writer.write(ascii: asciiFolded[Int(rawStorage[offset])], origin: offset) }
                place = end
            } else {
                tokens.fold(raw, place..<end, into: &writer, &counts)
                place = end
            }
        }
        writer.finish(sourceCount: place)
        if writer.isFull { isCut = true }
        if place < rawCount { rawCount = place }
    }

    private func tokenEnd(from place: Int) -> Int {
        var end = place
        let (rawStorage, count) = (rawStorage, rawCount)
        while end < count, !ASCIITable.isSpace(rawStorage[end]) { end += 1 }
        return end
    }

    /// Visible ASCII without entities.
    private func isPlain(_ range: Range<Int>) -> Bool {
        for offset in range where asciiFolded[Int(rawStorage[offset])] == 0 { return false }
        return true
    }

    private func rest(from place: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: rawStorage + place, count: rawCount - place)
    }
}
