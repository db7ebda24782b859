/// Makes HTML in a text harmless: its tags go, with what scripts and styles hold; the text stays.
package enum MarkupRemover {
    /// The text without tags, comments, scripts and styles.
    ///
    /// Entities that would become tags again stay entities; others are decoded. A `<` that begins no tag stays. Takes time in proportion to the text's length. Source of what a tag is: the HTML standard, "Tag open state".
    package static func plainText(_ text: String) -> String {
        var text = text
        return text.withUTF8 { String(decoding: removed($0), as: UTF8.self) }
    }

    /// How many tags and comments there are.
    static func tagCount(_ text: UnsafeBufferPointer<UInt8>) -> Int {
        var (count, place) = (0, 0)
        while place < text.count {
            if text[place] == UInt8(ascii: "<"), let end = tagEnd(text, place) {
                count += 1
                place = end
            } else {
                place += 1
            }
        }
        return count
    }

    private static func removed(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var kept: [UInt8] = []
        kept.reserveCapacity(text.count)
        var place = 0
        while place < text.count {
            if text[place] == UInt8(ascii: "<"), let end = tagEnd(text, place) {
                place = contentEnd(text, tag: place + 1, after: end)
            } else if text[place] == UInt8(ascii: "&"),
                let entity = HTMLEntity(UnsafeBufferPointer(rebasing: text[place...])),
                let scalar = Unicode.Scalar(entity.scalar)
            {
                // What is decoded must not be markup in the end.
                kept +=
                    scalar == "<"
                    ? Array("&lt;".utf8) : scalar == "&" ? Array("&amp;".utf8) : Array(String(scalar).utf8)
                place += entity.count
            } else {
                // A tag that is put together from what is left of others is none either.
                kept.append(text[place])
                place += 1
            }
        }
        return kept.contains(UInt8(ascii: "<")) && hasTag(kept)
            ? kept.flatMap { $0 == 0x3C ? Array("&lt;".utf8) : [$0] } : kept
    }

    private static func hasTag(_ text: [UInt8]) -> Bool { text.withUnsafeBufferPointer { tagCount($0) > 0 } }

    /// The place behind a tag or comment that begins there; one that is left open takes the rest of the text.
    private static func tagEnd(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int? {
        var place = start + 1
        guard place < text.count else { return nil }
        if text[place] == UInt8(ascii: "/") { place += 1 }
        guard place < text.count else { return nil }
        let isDeclaration = text[place] == UInt8(ascii: "!") || text[place] == UInt8(ascii: "?")
        guard isDeclaration || ASCIITable.isLetter(text[place]) else { return nil }
        if text[start...].starts(with: "<!--".utf8) { return end(of: "-->", in: text, from: start + 4) }
        var quote: UInt8 = 0
        while place < text.count {
            let byte = text[place]
            if quote != 0 {
                if byte == quote { quote = 0 }
            } else if byte == UInt8(ascii: ">") {
                return place + 1
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'"), text[place - 1] == UInt8(ascii: "=") {
                quote = byte
            }
            place += 1
        }
        return text.count
    }

    private static func end(of mark: StaticString, in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let mark = UnsafeBufferPointer(start: mark.utf8Start, count: mark.utf8CodeUnitCount)
        guard start < text.count, let range = text[start...].firstRange(of: mark) else { return text.count }
        return range.upperBound
    }

    /// Behind what the element holds, where that is no text.
    private static func contentEnd(_ text: UnsafeBufferPointer<UInt8>, tag: Int, after end: Int) -> Int {
        for name in ["script", "style", "iframe", "noscript", "template"] where isNamed(text, tag, name) {
            var place = end
            while place < text.count {
                if text[place] == UInt8(ascii: "<"), place + 1 < text.count, text[place + 1] == UInt8(ascii: "/"),
                    isNamed(text, place + 2, name)
                {
                    return tagEnd(text, place) ?? text.count
                }
                place += 1
            }
            return text.count
        }
        return end
    }

    private static func isNamed(_ text: UnsafeBufferPointer<UInt8>, _ place: Int, _ name: String) -> Bool {
        guard place + name.utf8.count <= text.count else { return false }
        for (offset, byte) in name.utf8.enumerated() where text[place + offset] | 0x20 != byte { return false }
        let next = place + name.utf8.count
        return next == text.count || !ASCIITable.isLetter(text[next])
    }
}
