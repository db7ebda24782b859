import Randomness

/// One body to sign and send, with headers that belong to it.
struct SourceEvent: Sendable, Equatable {
    var body: [UInt8]
    /// The body as it goes over the wire when a case says so (`body.gz`); the signature is of ``body``.
    var wire: [UInt8]?
    var headers: [(name: String, value: String)] = []

    static func == (left: Self, right: Self) -> Bool {
        left.body == right.body && left.wire == right.wire && left.headers.elementsEqual(right.headers, by: ==)
    }
}

/// Bodies one after the other.
///
/// Holds one at a time, whatever the size of the whole.
protocol EventSource {
    /// How many there are; `nil` when only the end will tell.
    var count: Int? { get }

    /// - Throws: ``ReplayFault`` when the input cannot be read.
    mutating func next() throws(ReplayFault) -> SourceEvent?
}

/// Bodies that can be had in any order.
protocol IndexedEvents {
    var count: Int { get }

    mutating func event(at index: Int) throws(ReplayFault) -> SourceEvent
}

/// Why a replay cannot go on: what was tried, what happened, what to do.
struct ReplayFault: Error, Equatable, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Indexed bodies in their order, or in one that a seed decides.
struct OrderedEvents<Events: IndexedEvents>: EventSource {
    private var events: Events
    /// Four bytes an event: the bodies themselves stay where they are.
    private let order: [UInt32]?
    private var position = 0

    init(_ events: Events, shuffle seed: UInt64?) {
        self.events = events
        order = seed.map { seed in
            var random = SplitMix(seed: seed)
            return (0..<UInt32(clamping: events.count)).shuffled(using: &random)
        }
    }

    var count: Int? { events.count }

    mutating func next() throws(ReplayFault) -> SourceEvent? {
        guard position < events.count else { return nil }
        defer { position += 1 }
        return try events.event(at: order.map { Int($0[position]) } ?? position)
    }
}
