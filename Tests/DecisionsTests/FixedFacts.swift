import Chat
import Limits

@testable import Facts

/// Facts that never change.
struct FixedFacts: FactSource {
    let records: [FactKey: FactRecord]

    let origin = FactOrigin.pushed
    let isCached = false
    let watches: [FactWatch] = []

    func covers(_: String) -> Bool { true }

    func load(_ kind: String, _ ids: [String]) -> [String: FactRecord] {
        Dictionary(
            ids.compactMap { id in records[FactKey(kind: kind, id: id)].map { (id, $0) } },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// Listing 7 is sold.
    static let sold = FixedFacts(records: [
        FactKey(kind: "listing", id: "7"): FactRecord(["status": .string("sold")])
    ])
}

extension FactStore {
    convenience init(_ facts: FixedFacts, at now: Timestamp) {
        self.init(sources: [facts], limits: .init(), now: { now })
    }
}
