/// A term of a rule or a list as it is looked for in the forms of texts.
///
/// A term has several spellings where a text's form depends on how the text is written: a Cyrillic word in capitals may look
/// like ASCII where its small letters do not.
package struct FoldedTerm: Sendable, Equatable {
    /// As in ``TextFolder/folded``, UTF-8, the term as it is written first.
    ///
    /// Empty where nothing of the term can be seen.
    package let folded: [[UInt8]]
    /// As in ``TextFolder/revealed``, for texts where that differs.
    ///
    /// Also a phrase's words in one, since "b u y n o w" becomes "buynow", and
    /// the last letter doubled, since "buyyyy" becomes "buyy".
    package let revealed: [[UInt8]]

    package init(_ term: String, using folder: TextFolder = TextFolder()) {
        var folded: [[UInt8]] = []
        var revealed: [[UInt8]] = []
        for spelling in Self.spellings(term) {
            folder.fold(spelling)
            Self.add(Self.trimmed(folder.folded.bytes), to: &folded)
            let plain = Self.trimmed(folder.revealed.bytes)
            Self.add(plain, to: &revealed)
            let joined = plain.filter { $0 != 0x20 }
            Self.add(joined, to: &revealed)
            for word in [plain, joined] {
                if let last = word.last, ASCIITable.isLetter(last), word.dropLast().last != last {
                    Self.add(word + [last], to: &revealed)
                }
            }
        }
        let plain = Self.trimmed(NormalisedText.lowered(term))
        if plain.contains(where: { $0 > 127 }) {
            Self.add(plain, to: &folded)
            Self.add(plain, to: &revealed)
        }
        (self.folded, self.revealed) = (folded, revealed)
    }

    private static func spellings(_ term: String) -> [String] {
        guard term.utf8.contains(where: { $0 > 127 }) else { return [term] }
        let lower = term.lowercased()
        let title = lower.split(separator: " ").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(
            separator: " "
        )
        let sentence = lower.prefix(1).uppercased() + lower.dropFirst()
        return [term, lower, title, String(sentence), term.uppercased()]
    }

    private static func add(_ spelling: [UInt8], to spellings: inout [[UInt8]]) {
        if !spelling.isEmpty, !spellings.contains(spelling) { spellings.append(spelling) }
    }

    private static func trimmed(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var bytes = Array(bytes)
        while bytes.last == 0x20 { bytes.removeLast() }
        return Array(bytes.drop { $0 == 0x20 })
    }
}

extension NormalisedText {
    /// In lower case, with look-alikes and marks as they are; white space collapsed.
    static func lowered(_ text: String) -> [UInt8] {
        var text = text
        return text.withUTF8 { normalised($0, for: .plain) }.0
    }
}

extension TextFolder {
    /// A term as it is looked for in the forms of texts.
    package static func folding(term: String) -> FoldedTerm { FoldedTerm(term) }
}
