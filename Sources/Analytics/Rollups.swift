package import Chat

/// The changes of rollups that a change of entities makes; see ``Tallies``.
///
/// Pure, and integers only: what was added is taken back exactly, whatever came between.
package struct Rollups: Sendable, Equatable {
    package private(set) var changes: [RollupKey: [RollupCell: Int64]] = [:]
    /// By how many messages each user's quarter-hours change.
    package private(set) var activity: [String: [Quarter: Int64]] = [:]
    /// What changes in the conversations of channels.
    package private(set) var spoken: [String: SpokenChange] = [:]
    /// In which others write than before, or another number of messages, and those in which somebody now first wrote or no longer did.
    package private(set) var writingHours: Set<Hour> = []

    /// When sellers read messages of which something differs, in milliseconds.
    package private(set) var readTimes: Set<Int64> = []

    package init() {}

    package mutating func add(_ before: MessageState?, _ after: MessageState) {
        noteSpoken(before, after)
        noteRead(before, after)
        let (before, after) = (before.flatMap(MessageCounts.init), MessageCounts(after))
        guard before != after else { return }
        if let before { count(before, times: -1) }
        if let after { count(after, times: 1) }
    }

    package mutating func add(_ before: ReactionRecord?, _ after: ReactionRecord) {
        let (before, after) = (before.flatMap(Self.first), Self.first(of: after))
        guard before != after else { return }
        if let before { count(before, times: -1) }
        if let after { count(after, times: 1) }
    }

    package mutating func remove(_ reaction: ReactionRecord) {
        if let first = Self.first(of: reaction) { count(first, times: -1) }
    }

    package mutating func add(_ amount: Int64, to measure: RollupMeasure, at quarter: Quarter, _ place: RollupPlace) {
        guard amount != 0 else { return }
        let period = RollupPeriod(of: quarter, byDay: place.scope.isByDay)
        let key = RollupKey(place, period)
        changes[key, default: [:]][RollupCell(measure, slot: period.slot(of: quarter)), default: 0] += amount
    }

    /// A reaction counts once it was ever made, also if it was taken back: see ``Tallies``.
    private struct FirstReaction: Equatable {
        let type: String
        let at: Quarter
    }

    private static func first(of reaction: ReactionRecord) -> FirstReaction? {
        reaction.firstAt.map { FirstReaction(type: reaction.key.type, at: Quarter($0)) }
    }

    /// Whose turn it is follows from a channel's other messages too: see ``ConversationRecord``.
    private mutating func noteSpoken(_ before: MessageState?, _ after: MessageState) {
        let (before, after) = (before.flatMap(Spoken.init), Spoken(after))
        guard before != after else { return }
        if before?.writing != after?.writing {
            writingHours.formUnion([before, after].compactMap { $0?.writing.hour })
        }
        guard let before else {
            if let after { spoken[after.cid, default: SpokenChange()].added.append(after.message) }
            return
        }
        for changed in [before, after].compactMap(\.self) {
            let since = spoken[changed.cid]?.changedSince ?? .max
            spoken[changed.cid, default: SpokenChange()].changedSince = min(since, changed.message.at)
        }
    }

    private struct Spoken: Equatable {
        let cid: String
        let message: SpokenMessage

        struct Writing: Equatable {
            let (cid, by): (String, String)
            let hour: Hour
        }

        var writing: Writing {
            Writing(cid: cid, by: message.by, hour: Hour(Quarter(Timestamp(milliseconds: message.at))))
        }

        init?(_ state: MessageState) {
            guard let cid = state.record.cid, let by = state.record.sender, let at = state.record.created?.time,
                state.record.facts?.value.type != Rollups.systemType
            else { return nil }
            self.cid = cid
            message = SpokenMessage(
                id: state.record.id,
                at: at.milliseconds,
                by: by,
                listing: state.context[.listing],
                seller: state.context[.seller]
            )
        }
    }

    private mutating func noteRead(_ before: MessageState?, _ after: MessageState) {
        let (before, after) = (before.flatMap(SellerRead.init), SellerRead(after))
        if before != after { readTimes.formUnion([before, after].compactMap { $0?.at }) }
    }

    /// What figures tell of a message's first reading by its channel's seller.
    private struct SellerRead: Equatable {
        let (at, took): (Int64, Int64)
        let seller: String
        let (cid, listing): (String?, String?)

        init?(_ state: MessageState) {
            guard let latency = state.readLatency, let read = state.record.sellerRead else { return nil }
            (at, took, seller) = (read.at.milliseconds, latency.milliseconds, latency.seller)
            (cid, listing) = (state.record.cid, state.context[.listing])
        }
    }

    mutating func noteActivity(_ quarters: some Collection<Quarter>) {
        for quarter in quarters { writingHours.insert(Hour(quarter)) }
    }

    /// Messages that nobody wrote take no turn.
    package static let systemType = "system"

    private mutating func count(_ reaction: FirstReaction, times: Int64) {
        add(times, to: .reactions, at: reaction.at, RollupPlace(.reactions, "", type: reaction.type))
    }

    private mutating func count(_ message: MessageCounts, times: Int64) {
        message.forEachPlace { place in
            message.forEachCount { measure, quarter, amount in
                add(amount * times, to: measure, at: quarter, place)
            }
        }
        if let sender = message.sender { activity[sender, default: [:]][message.sent, default: 0] += times }
    }
}

/// Whose rollups something is counted in, at any time.
package struct RollupPlace: Sendable, Hashable {
    package var scope: RollupScope
    package var id: String
    package var type: String
    /// Of a channel: what the messages are about, whose counts these are as well.
    package var objects: BusinessContext

    package init(_ scope: RollupScope, _ id: String, type: String, about objects: BusinessContext = BusinessContext()) {
        (self.scope, self.id, self.type, self.objects) = (scope, id, type, objects)
    }
}
