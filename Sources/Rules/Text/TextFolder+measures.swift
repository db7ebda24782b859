extension TextFolder {
    /// A measure of the text; `nil` for those that are not of the text: attachments and mentions.
    ///
    /// Contacts are looked for when first asked for, all else is counted in one pass.
    package func value(of measure: Measure) -> Double? {
        switch measure {
        case .length: Double(characterCount)
        case .words: Double(measures.words)
        case .capitals: measures.letters == 0 ? 0 : Double(measures.capitals) / Double(measures.letters)
        case .emoji: Double(measures.emoji)
        case .zalgo: Double(measures.mostMarks)
        case .hidden: Double(counts.invisibles)
        case .repeated: Double(measures.longestRun)
        case .links: Double(count(.link))
        case .emails: Double(count(.email))
        case .phones: Double(count(.phone))
        case .handles: Double(count(.handle))
        case .contacts: Double(count(.email) + count(.phone) + count(.handle))
        case .money: Double(count(.money))
        case .markup: Double(measures.markup)
        case .scripts: Double(measures.scripts)
        case .mixedWords: Double(measures.mixedWords)
        case .attachments, .mentions: nil
        }
    }

    private func count(_ kind: Contact.Kind) -> Int { contacts.count { $0.kind == kind } }

    /// Found in the text, in the order of their beginnings; no more than ``Limits/Rules/contacts``.
    package var contacts: [Contact] {
        if let known = knownContacts { return known }
        contactTokens.cut(folded)
        var scanner = ContactScanner(folded, contactTokens, most: contactLimit)
        scanner.scan()
        let contacts = scanner.found.filter { found in
            // A number within an address is part of it.
            found.kind != .phone && found.kind != .money
                || !scanner.found.contains {
                    ($0.kind == .link || $0.kind == .email) && $0.range.overlaps(found.range)
                }
        }.map(contact)
        knownContacts = contacts
        return contacts
    }

    private func contact(_ found: ContactScanner.Found) -> Contact {
        var value = found.value ?? String(decoding: folded.bytes[found.range], as: UTF8.self)
        if found.value == nil, let host = found.host {
            value = HostName.value(UnsafeBufferPointer(rebasing: raw[raw(of: host, in: .folded)]))
        }
        return Contact(kind: found.kind, range: raw(of: found.range, in: .folded), value: value)
    }
}
