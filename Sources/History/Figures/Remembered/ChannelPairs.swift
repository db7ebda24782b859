import Blocking

/// Pairs of a channel and somebody who wrote in it or is a member of it, by number: all that is remembered of one takes four
/// bytes.
final class ChannelPairs: Sendable {
    /// Of channels, and of listings and people.
    let names: FigureNames
    /// Of a channel's number and a person's.
    private let pairs = Locked(Numbering<Int64>())

    init(_ names: FigureNames) { self.names = names }

    var count: Int { pairs.withLock { $0.all.count } }
    /// The number of each pair's channel, by the pair's.
    var channelOfEach: [Int32] { pairs.withLock(\.all).map { Int32($0 >> 32) } }

    func number(channel: Int32, user: String) -> Int32 {
        let pair = Int64(channel) << 32 | Int64(names.number(of: user))
        return pairs.withLock { $0.number(of: pair) }
    }
}
