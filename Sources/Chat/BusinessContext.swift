/// What a channel is about in the team's own business: its listing, order, event, seller and so on, by id.
///
/// A short sorted list, not a dictionary: every message carries one.
package struct BusinessContext: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable, Comparable {
        case listing, order, offer, event, artist, venue, ticket, seller, buyer

        /// `listing_id`, …: the name in custom data and in stored documents.
        package var field: String { Self.fields[position] }

        package static func < (left: Self, right: Self) -> Bool { left.position < right.position }

        private static let fields = allCases.map { $0.rawValue + "_id" }

        private var position: Int {
            switch self {
            case .listing: 0
            case .order: 1
            case .offer: 2
            case .event: 3
            case .artist: 4
            case .venue: 5
            case .ticket: 6
            case .seller: 7
            case .buyer: 8
            }
        }
    }

    private struct Entry: Sendable, Hashable {
        var kind: Kind
        var id: String
    }

    private var entries: [Entry] = []

    package init() {}

    package var isEmpty: Bool { entries.isEmpty }

    package subscript(kind: Kind) -> String? {
        get { entries.first { $0.kind == kind }?.id }
        set {
            let index = entries.firstIndex { $0.kind >= kind } ?? entries.endIndex
            let isThere = index < entries.endIndex && entries[index].kind == kind
            switch (newValue, isThere) {
            case (let id?, true): entries[index].id = id
            case (let id?, false): entries.insert(Entry(kind: kind, id: id), at: index)
            case (nil, true): entries.remove(at: index)
            case (nil, false): break
            }
        }
    }

    /// Every kind that is known, in order, with its id.
    package func forEach(_ body: (Kind, String) -> Void) {
        for entry in entries { body(entry.kind, entry.id) }
    }

    /// The ids of some kinds.
    package func only(_ kinds: Set<Kind>) -> BusinessContext {
        guard !entries.allSatisfy({ kinds.contains($0.kind) }) else { return self }
        var result = self
        result.entries.removeAll { !kinds.contains($0.kind) }
        return result
    }

    /// These ids, and those of `other` for kinds that are not here.
    package func completed(by other: BusinessContext) -> BusinessContext {
        guard !entries.isEmpty else { return other }
        var result = self
        for entry in other.entries where result[entry.kind] == nil { result[entry.kind] = entry.id }
        return result
    }
}
