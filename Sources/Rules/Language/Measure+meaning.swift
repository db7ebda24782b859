extension Measure {
    /// Counts things that are there or not.
    var isFinding: Bool { ![.length, .words, .capitals, .repeated, .scripts].contains(self) }

    /// Finds things at places of the text, which can be masked.
    var locates: Bool { [.links, .emails, .phones, .handles, .contacts, .money, .markup].contains(self) }

    var meaning: String {
        switch self {
        case .length: "The length of the text, in characters as people count them."
        case .words: "The number of words."
        case .capitals: "The share of the letters that are capitals, 0 to 1."
        case .emoji: "The number of emoji."
        case .zalgo: "The most combining marks on one letter."
        case .hidden: "The number of characters that cannot be seen."
        case .repeated: "The longest run of one character."
        case .links: "The number of links."
        case .emails: "The number of e-mail addresses, also of those spelled around filters."
        case .phones: "The number of phone numbers, also of those spelled around filters."
        case .handles: "The number of names at payment services, IBANs and wallets."
        case .contacts: "The number of e-mail addresses, phone numbers and handles."
        case .money: "The number of sums of money."
        case .markup: "The number of tags of HTML."
        case .scripts: "The number of scripts (writing systems) of the letters."
        case .mixedWords: "The number of words that mix letters of several scripts."
        case .attachments: "The number of attachments."
        case .mentions: "The number of users who are mentioned."
        }
    }
}
