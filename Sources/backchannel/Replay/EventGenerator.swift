import Randomness

/// Made-up marketplace chat: event `n` depends on the seed and `n` alone, so that a run can be repeated and shuffled.
struct EventGenerator: IndexedEvents, Sendable, Equatable {
    let count: Int
    var seed: UInt64 = 1
    /// Begins every message id, so that two runs do not speak of the same messages.
    var prefix = "m"
    /// Edits, reactions, reads and deletions among the messages.
    var isMixed = false
    var listings = 1_000
    var users = 2_000
    /// Channels that messages spread over; `nil` is one for every pair of a buyer and a listing.
    var channels: Int?
    /// Days that the events spread over; `nil` is one event every 2.6 s.
    var days: Int?

    enum Kind: Equatable {
        case message, edit, deletion, reaction, reactionEnd, read
    }

    /// 2026-01-01T00:00:00Z.
    private static let start: Int64 = 1_767_225_600_000_000_000
    /// One event every 2.6 s: a million take thirty days.
    private static let step: Int64 = 2_600_000_000
    private static let sellers = 97

    /// What a message's number decides about it.
    struct Message: Equatable {
        let number: Int
        let listing: Int
        let buyer: Int
        let seller: Int
        let isFromSeller: Bool
        let textSeed: UInt64
    }

    func event(at index: Int) -> SourceEvent {
        let writer = GeneratedBody(generator: self, index: index)
        return SourceEvent(body: writer.body())
    }

    /// Of a hundred: 78 messages, 8 reads, 6 reactions, 5 edits, 2 deletions, 1 reaction taken back.
    func kind(at index: Int) -> Kind {
        guard isMixed, index > 0 else { return .message }
        var random = SplitMix(seed: seed &+ 1, element: index)
        switch random.below(100) {
        case ..<78: return .message
        case ..<86: return .read
        case ..<92: return .reaction
        case ..<97: return .edit
        case ..<99: return .deletion
        default: return .reactionEnd
        }
    }

    func message(_ number: Int) -> Message {
        var random = SplitMix(seed: seed, element: number)
        let channel = channels.map { random.below($0) }
        let listing = channel.map { $0 % listings } ?? random.below(listings)
        return Message(
            number: number,
            listing: listing,
            // A channel's buyer is always the same; the factor is a prime that few numbers of users share.
            buyer: channel.map { $0 * 7_919 % users } ?? random.below(users),
            seller: listing % Self.sellers,
            isFromSeller: random.chance(percent: 30),
            textSeed: random.next()
        )
    }

    /// The message that event `index` creates or, for the other kinds, an earlier one that it is about.
    func subject(of index: Int) -> Message {
        guard kind(at: index) != .message else { return message(index) }
        var random = SplitMix(seed: seed &+ 2, element: index)
        var number = index - 1 - random.below(min(index, 200))
        while kind(at: number) != .message { number -= 1 }  // number 0 is one
        return message(number)
    }

    private var step: Int64 {
        days.map { Int64($0) * 86_400_000_000_000 / Int64(max(1, count)) } ?? Self.step
    }

    /// Nanoseconds since 1970: later for every event.
    func time(of index: Int) -> Int64 {
        var random = SplitMix(seed: seed &+ 3, element: index)
        return Self.start + Int64(index) * step + Int64(random.below(min(Int(step), 1_000_000_000)))
    }
}
