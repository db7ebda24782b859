import Chat
import MongoDB

/// Every message beside what its channel, sender and the seller's reads make of it now.
///
/// Blocking.
struct MessageAudit {
    let scan: HistoryScan
    /// Erased users by their pseudonyms.
    let erasedUsers: [String: String]

    /// A message as stored and as it should be.
    struct Finding {
        let stored: BSONDocument
        let before: MessageState
        let after: MessageState

        var differences: [Difference] {
            DocumentComparison(collection: .messages, id: before.record.id)
                .differences(stored: stored, expected: after.document)
        }
    }

    /// Some of the messages, in the order of their ids.
    ///
    /// - Returns: where the next ones begin after; `nil` when there are no more.
    func page(
        after position: BSONDocument?,
        _ count: inout Int,
        _ body: (Difference) -> Void
    ) throws(MongoError) -> BSONDocument? {
        var documents: [BSONDocument] = []
        let next = try scan.page(.messages, by: ["_id"], after: position) {
            (document: BSONDocument) throws(MongoError) in
            documents.append(document)
        }
        count += documents.count
        for document in documents where MessageState(document) == nil { body(Self.unreadable(document)) }
        let findings = try findings(in: documents).filter { !$0.differences.isEmpty }
        guard !findings.isEmpty else { return next }
        let waiting = Set(try scan.waitingSweeps())
        for finding in findings {
            let isPending = !waiting.isDisjoint(with: sweeps(of: finding))
            for var difference in finding.differences {
                difference.isPending = isPending
                body(difference)
            }
        }
        return next
    }

    private static func unreadable(_ document: BSONDocument) -> Difference {
        Difference(
            .messages,
            document.string("_id") ?? "?",
            "v",
            stored: "unreadable",
            expected: "the stamps of its fields",
            isMendable: false
        )
    }

    /// Those that bring a message in line: its channel's, and those of its sender, seller and buyer.
    private func sweeps(of finding: Finding) -> [String] {
        let people = [finding.before, finding.after].flatMap { state in
            [state.record.sender].compactMap(\.self) + state.context.partyIDs
        }
        let users = people.map { SweepKey.user(erasedUsers[$0] ?? $0).documentID }
        return users + [finding.before.record.cid].compactMap(\.self).map { SweepKey.channel($0).documentID }
    }

    /// What each of these messages should be.
    func findings(in documents: [BSONDocument]) throws(MongoError) -> [Finding] {
        let known = documents.compactMap { document in MessageState(document).map { (document, $0) } }
        let states = known.map(\.1)
        let hidden = Set(states.compactMap { $0.record.sender.flatMap { erasedUsers[$0] } })
        let sweep = try Surroundings(of: states, users: hidden, scan.settings, scan.reader).sweep(states)
        let changed = Dictionary(sweep.changes.map { ($0.after.record.id, $0.after) }) { first, _ in first }
        return known.map { document, state in
            Finding(stored: document, before: state, after: changed[state.record.id] ?? state)
        }
    }
}
