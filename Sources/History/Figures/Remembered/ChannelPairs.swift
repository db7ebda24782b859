import Blocking

/// Pairs of a channel and somebody who wrote in it or is a member of it, by number: all that is remembered of one takes four
/// bytes.
final class ChannelPairs: Sendable {
    /// Of channels, and of listings and people.
    let names: FigureNames
    private let state = Locked((numbers: [Int64: Int32](), channels: [Int32]()))

    init(_ names: FigureNames) { self.names = names }

    var count: Int { state.withLock { $0.channels.count } }
    /// The number of each pair's channel, by the pair's.
    var channelOfEach: [Int32] { state.withLock(\.channels) }

    func number(channel: Int32, user: String) -> Int32 {
        let key = Int64(channel) << 32 | Int64(names.number(of: user))
        return state.withLock { state in
            if let number = state.numbers[key] { return number }
            let number = Int32(state.channels.count)
            state.numbers[key] = number
            state.channels.append(channel)
            return number
        }
    }
}
