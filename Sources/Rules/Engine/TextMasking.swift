package import Chat
import Limits

/// What is done to a message's text.
///
/// Pure.
package enum TextMasking {
    /// The text with these parts made unreadable.
    ///
    /// - Parameter matches: of the rule that masks; bytes of the text's UTF-8.
    package static func masked(
        _ text: String,
        _ what: Set<Masked>,
        matches: [Decision.Match],
        with mark: String
    ) -> String {
        var ranges: [Range<Int>] = []
        if what.contains(.matches) {
            ranges = matches.filter { 0 <= $0.from && $0.from < $0.to && $0.to <= text.utf8.count }.map {
                $0.from..<$0.to
            }
        }
        let kinds = Set(what.flatMap(\.kinds))
        if !kinds.isEmpty {
            let folder = TextFolder()
            folder.fold(text)
            ranges += folder.contacts.filter { kinds.contains($0.kind) }.map(\.range)
        }
        return Masker.masked(text, ranges, with: mark)
    }

    /// The text that HTML's tags enclose.
    package static func withoutMarkup(_ text: String) -> String { MarkupRemover.plainText(text) }
}

extension Masked {
    fileprivate var kinds: [Contact.Kind] {
        switch self {
        case .matches: []
        case .links: [.link]
        case .emails: [.email]
        case .phones: [.phone]
        case .handles: [.handle]
        case .money: [.money]
        case .contacts: [.email, .phone, .handle]
        }
    }
}
