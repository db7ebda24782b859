package import Analytics
package import Chat

/// Messages brought in line with their channels and senders as these stand now.
///
/// Pure.
package struct MessageSweep: Sendable {
    package private(set) var changes: [(before: MessageState, after: MessageState)] = []
    package private(set) var tallies: Tallies
    package private(set) var erasedMessages: [String] = []

    /// - Parameters:
    ///   - users: senders, and sellers and buyers of the channels, as far as they are known.
    ///   - marks: reads by whoever is the seller now; see ``wantedMarks(of:in:_:_:)``.
    ///   - rename: puts a pseudonym into a message that names someone who is being erased.
    package init(
        _ states: [MessageState],
        channels: [String: ChannelRecord],
        users: [String: UserRecord],
        marks: [ReadMark.Key: ReadMark],
        settings: FoldSettings,
        rename: (inout MessageRecord) -> Void = { _ in }
    ) {
        tallies = Tallies(settings)
        let pseudonyms = Self.pseudonyms(among: users, settings)
        let erased = users.values.filter(\.isErased).map { (pseudonyms.of($0.id), $0) }
        let pseudonymised = Dictionary(erased) { first, _ in first }
        for before in states {
            var record = before.record
            rename(&record)
            let channel = record.cid.flatMap { channels[$0] }
            let context = channel?.effectiveContext(settings.patterns, pseudonyms) ?? BusinessContext()
            if let seller = context[.seller],
                let mark = marks[ReadMark.Key(messageID: record.id, userID: seller)]
            {
                record.note(SellerRead(seller: seller, at: mark.at))
            }
            let after = MessageState(
                resolving: record,
                in: channel,
                by: record.sender.flatMap { pseudonymised[$0] ?? users[$0] },
                context: context,
                pseudonyms: pseudonyms
            )
            guard after != before else { continue }
            tallies.add(before, after)
            changes.append((before, after))
            if after.record.isErased, !before.record.isErased { erasedMessages.append(record.id) }
        }
    }

    package static func pseudonyms(among users: [String: UserRecord], _ settings: FoldSettings) -> Pseudonyms {
        Pseudonyms(salt: settings.salt) { users[$0]?.isErased == true }
    }

    /// The reads that a sweep has to know: a new context may name another seller.
    package static func wantedMarks(
        of states: [MessageState],
        in channels: [String: ChannelRecord],
        _ patterns: ContextPatterns,
        _ pseudonyms: Pseudonyms
    ) -> Set<ReadMark.Key> {
        guard !states.isEmpty else { return [] }
        let sellers = channels.compactMapValues { $0.effectiveContext(patterns, pseudonyms)[.seller] }
        return Set(
            states.compactMap { state in
                guard let cid = state.record.cid, let seller = sellers[cid] else { return nil }
                return ReadMark.Key(messageID: state.record.id, userID: seller)
            }
        )
    }
}
