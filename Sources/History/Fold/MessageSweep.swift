package import Analytics
package import Chat

/// Messages brought in line with their channels and senders as these stand now.
///
/// Pure.
package struct MessageSweep: Sendable {
    package private(set) var changes: [(before: MessageState, after: MessageState)] = []
    package private(set) var tallies: Tallies
    package private(set) var erasedMessages: [String] = []

    /// - Parameter marks: reads by whoever is the seller now; see ``wantedMarks(of:in:_:)``.
    package init(
        _ states: [MessageState],
        channels: [String: ChannelRecord],
        users: [String: UserRecord],
        marks: [ReadMark.Key: ReadMark],
        settings: FoldSettings
    ) {
        tallies = Tallies(weights: settings.weights)
        let pseudonym = { Pseudonym.of($0, salt: settings.salt) }
        let erased = users.values.filter(\.isErased).map { (pseudonym($0.id), $0) }
        let pseudonymised = Dictionary(erased) { first, _ in first }
        for before in states {
            var record = before.record
            let channel = record.cid.flatMap { channels[$0] }
            if let seller = channel?.effectiveContext(settings.patterns)[.seller],
                let mark = marks[ReadMark.Key(messageID: record.id, userID: seller)]
            {
                record.note(SellerRead(seller: seller, at: mark.at))
            }
            let after = MessageState(
                resolving: record,
                in: channel,
                by: record.sender.flatMap { users[$0] ?? pseudonymised[$0] },
                patterns: settings.patterns,
                pseudonym: pseudonym
            )
            guard after != before else { continue }
            tallies.add(before, after)
            changes.append((before, after))
            if after.record.isErased, !before.record.isErased { erasedMessages.append(record.id) }
        }
    }

    /// The reads that a sweep has to know: a new context may name another seller.
    package static func wantedMarks(
        of states: [MessageState],
        in channels: [String: ChannelRecord],
        _ patterns: ContextPatterns
    ) -> Set<ReadMark.Key> {
        Set(
            states.compactMap { state in
                guard let cid = state.record.cid, let seller = channels[cid]?.effectiveContext(patterns)[.seller]
                else { return nil }
                return ReadMark.Key(messageID: state.record.id, userID: seller)
            }
        )
    }
}
