import Blocking

/// Whose an answer or reading is, in which channel, and about which listing.
struct LatencyPlace: Hashable, Sendable {
    /// Numbers of names, negative where there is none.
    let user, channel, listing: Int32
}

/// Places of answers and readings by number: all that is remembered of one takes four bytes.
final class LatencyPlaces: Sendable {
    let names: FigureNames
    private let state = Locked((numbers: [LatencyPlace: Int32](), all: [LatencyPlace]()))

    init(_ names: FigureNames) { self.names = names }

    var count: Int { state.withLock { $0.all.count } }
    /// By number.
    var all: [LatencyPlace] { state.withLock(\.all) }

    func number(of place: LatencyPlace) -> Int32 {
        state.withLock { state in
            if let number = state.numbers[place] { return number }
            let number = Int32(state.all.count)
            state.numbers[place] = number
            state.all.append(place)
            return number
        }
    }
}
