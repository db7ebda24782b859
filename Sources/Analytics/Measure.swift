package import Chat

/// The counters' changes that a change of entities makes: ``add(_:_:)`` takes an entity before and after, never an
/// event, so a repeated or late event counts exactly once.
package struct Tallies: Sendable, Equatable {
    package private(set) var changes: [TallyKey: TallyChange] = [:]
    /// What changes in figures by time.
    package private(set) var rollups = Rollups()
    private let weights: EngagementWeights
    private let keepsFigures: Bool

    /// - Parameter keepsFigures: whether there are ``rollups``.
    package init(weights: EngagementWeights, keepsFigures: Bool = true) {
        (self.weights, self.keepsFigures) = (weights, keepsFigures)
    }

    /// Makes room for the counters of this many entities at once.
    package mutating func reserve(entities count: Int) { changes.reserveCapacity(changes.count + 2 * count) }

    /// A message counts once it is known to exist, deleted and erased ones included: figures say what was sent.
    package mutating func add(_ before: MessageState?, _ after: MessageState) {
        if keepsFigures { rollups.add(before, after) }
        replace(before.map(contribution) ?? [], by: contribution(after))
    }

    /// A reaction counts once it was ever made, also if it was taken back.
    package mutating func add(_ before: ReactionRecord?, _ after: ReactionRecord) {
        if keepsFigures { rollups.add(before, after) }
        replace(before.map(contribution) ?? [], by: contribution(after))
    }

    /// A user's first read up to a message counts.
    package mutating func add(_ before: ReadMark?, _ after: ReadMark) {
        replace(before.map(contribution) ?? [], by: contribution(after))
    }

    /// Takes back what an entity that is removed had counted.
    package mutating func remove(_ reaction: ReactionRecord) {
        if keepsFigures { rollups.remove(reaction) }
        replace(contribution(reaction), by: [])
    }
    package mutating func remove(_ mark: ReadMark) { replace(contribution(mark), by: []) }

    /// Adds what follows from users' activity: see ``Rollups/count(_:_:touched:_:)``.
    package mutating func count(
        _ before: PersonRecord?,
        _ after: PersonRecord,
        touched: some Collection<Quarter>,
        _ zones: inout [ZonePeriods]
    ) {
        rollups.count(before, after, touched: touched, &zones)
    }

    /// A few keys, each once.
    private typealias Contribution = [(key: TallyKey, change: TallyChange)]

    private mutating func replace(_ before: Contribution, by after: Contribution) {
        for (key, change) in before where !after.contains(where: { $0.key == key && $0.change == change }) {
            changes[key, default: TallyChange()].add(change.reversed)
        }
        for (key, change) in after where !before.contains(where: { $0.key == key && $0.change == change }) {
            changes[key, default: TallyChange()].add(change)
        }
    }

    private func contribution(_ state: MessageState) -> Contribution {
        guard let created = state.record.created?.time.roundedDownToMilliseconds else { return [] }
        var message = TallyChange()
        message.messages = 1
        message.lastMessageAt = created
        var result: Contribution = []
        if let cid = state.record.cid { result.append((TallyKey(.channel, cid), message)) }
        if let listing = state.context[.listing] {
            var change = message
            change.engagement = weights.listingMessage
            result.append((TallyKey(.listing, listing), change))
        }
        if let sender = state.record.sender {
            var change = message
            change.engagement = weights.message
            change.lastActivity = created
            result.append((TallyKey(.user, sender), change))
        }
        if let latency = state.readLatency {
            var change = TallyChange()
            change.reads = 1
            change.readMilliseconds = latency.milliseconds
            result.append((TallyKey(.seller, latency.seller), change))
        }
        return result
    }

    private func contribution(_ reaction: ReactionRecord) -> Contribution {
        var change = TallyChange()
        change.reactions = 1
        change.engagement = weights.reaction
        change.lastActivity = reaction.firstAt?.roundedDownToMilliseconds
        return [(TallyKey(.user, reaction.key.userID), change)]
    }

    private func contribution(_ mark: ReadMark) -> Contribution {
        var user = TallyChange()
        user.reads = 1
        user.engagement = weights.read
        user.lastActivity = mark.at.roundedDownToMilliseconds
        var result: Contribution = [(TallyKey(.user, mark.key.userID), user)]
        if let cid = mark.cid {
            var channel = TallyChange()
            channel.reads = 1
            result.append((TallyKey(.channel, cid), channel))
        }
        return result
    }
}
