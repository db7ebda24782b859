import Blocking

/// Whose an answer or reading is, in which channel, and about which listing.
struct LatencyPlace: Hashable, Sendable {
    /// Numbers of names, negative where there is none.
    let user, channel, listing: Int32
}

/// Places of answers and readings by number: all that is remembered of one takes four bytes.
final class LatencyPlaces: Sendable {
    let names: FigureNames
    private let places = Locked(Numbering<LatencyPlace>())

    init(_ names: FigureNames) { self.names = names }

    var count: Int { places.withLock { $0.all.count } }
    /// By number.
    var all: [LatencyPlace] { places.withLock(\.all) }

    func number(of place: LatencyPlace) -> Int32 { places.withLock { $0.number(of: place) } }
}
