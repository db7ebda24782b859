import Analytics
import Blocking
import Limits

/// Who wrote in channels, as it was last read of pieces of time, each with the number that its days had then
/// (``FigureVersions``), and who their members are and which listing they are about, with the
/// numbers of ``MemberVersions``.
///
/// In bounded room, as ``Remembered``.
final class ChannelMemory: Sendable {
    private struct State {
        var pairs: ChannelPairs
        var writers: Remembered<Range<Quarter>, PairSet>
        /// By channel, as pairs.
        var members: [Int32: [Int32]] = [:]
        var membersKept = 0
        /// By channel; negative where it is of none.
        var listings: [Int32: Int32] = [:]
        /// Of ``members`` and ``listings``.
        var numbers: [String: Int64] = [:]

        init(_ pairs: ChannelPairs, _ limits: Limits.Figures) {
            self.pairs = pairs
            writers = Remembered(most: limits.channelWriterBytesKept)
        }

        mutating func forgetMembers() { (members, membersKept) = ([:], 0) }

        mutating func forget(since versions: MemberVersions, _ pairs: ChannelPairs) {
            if let changed = versions.channels(since: numbers) {
                for channel in changed.compactMap(pairs.names.known) {
                    forgetMembers(of: channel)
                    listings[channel] = nil
                }
            } else {
                forgetMembers()
                listings = [:]
            }
            numbers = versions.numbers
        }

        mutating func forgetMembers(of channel: Int32) {
            if let known = members.removeValue(forKey: channel) { membersKept -= known.count + 1 }
        }
    }

    private let state: Locked<State>
    private let limits: Limits.Figures

    init(_ limits: Limits.Figures) {
        self.limits = limits
        state = Locked(State(ChannelPairs(FigureNames(generation: -1)), limits))
    }

    /// What numbers stand for in what is kept from now on; what rests on others is neither known nor kept.
    func pairs(_ names: FigureNames) -> ChannelPairs {
        state.withLock { state in
            let known = state.pairs
            // Of a question that began before others were in use, nothing is kept.
            guard known.names.generation <= names.generation else { return ChannelPairs(names) }
            if known.names !== names || known.count >= limits.channelPairsKept {
                state = State(ChannelPairs(names), limits)
            }
            return state.pairs
        }
    }

    // MARK: Writers

    func writers(_ quarters: Range<Quarter>, version: Int64, _ pairs: ChannelPairs) -> PairSet? {
        state.withLock { $0.pairs === pairs ? $0.writers.value(quarters, version: version) : nil }
    }

    func keep(writers: PairSet, _ quarters: Range<Quarter>, version: Int64, _ pairs: ChannelPairs) {
        state.withLock { state in
            guard state.pairs === pairs else { return }
            state.writers.keep(writers, taking: writers.room, quarters, version: version)
        }
    }

    // MARK: Members and listings

    /// Whether some of what is known holds by then.
    func reaches(_ versions: MemberVersions) -> Bool {
        state.withLock { versions.channels(since: $0.numbers) != nil }
    }

    /// What of them is known and still holds, by channel; the rest is forgotten.
    func members(_ versions: MemberVersions, _ pairs: ChannelPairs) -> [Int32: [Int32]] {
        state.withLock { state in
            guard state.pairs === pairs else { return [:] }
            state.forget(since: versions, pairs)
            return state.members
        }
    }

    /// As ``members(_:_:)``.
    func listings(_ versions: MemberVersions, _ pairs: ChannelPairs) -> [Int32: Int32] {
        state.withLock { state in
            guard state.pairs === pairs else { return [:] }
            state.forget(since: versions, pairs)
            return state.listings
        }
    }

    /// As ``keep(members:_:_:)``; there are no more of them than of the channels that have numbers.
    func keep(listings: [Int32: Int32], _ versions: MemberVersions, _ pairs: ChannelPairs) {
        state.withLock { state in
            guard state.pairs === pairs, state.numbers == versions.numbers else { return }
            state.listings.merge(listings) { $1 }
        }
    }

    /// - Parameter versions: as they were asked for before; members of which newer ones are known meanwhile are not kept.
    func keep(members: [Int32: [Int32]], _ versions: MemberVersions, _ pairs: ChannelPairs) {
        let room = members.values.reduce(0) { $0 + $1.count + 1 }
        state.withLock { state in
            guard state.pairs === pairs, state.numbers == versions.numbers, room <= limits.channelMembersKept else {
                return
            }
            for channel in members.keys { state.forgetMembers(of: channel) }
            if state.membersKept + room > limits.channelMembersKept { state.forgetMembers() }
            state.members.merge(members) { $1 }
            state.membersKept += room
        }
    }
}
