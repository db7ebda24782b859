/// Answers or readings one by one: where each belongs (``LatencyPlaces``), and how long it took.
struct LatencyRows: Sendable, Equatable {
    /// By number.
    private(set) var places: [Int32] = []
    private var milliseconds: [UInt32] = []
    /// Milliseconds that are more, by row: of seven weeks and more.
    private var long: [Int: Int64] = [:]

    var count: Int { places.count }

    /// What they take where they are remembered: none at all takes a place, too.
    var room: Int { count + 16 }

    mutating func add(_ took: Int64, at place: Int32) {
        places.append(place)
        if let short = UInt32(exactly: took), short < .max {
            milliseconds.append(short)
        } else {
            long[milliseconds.count] = took
            milliseconds.append(.max)
        }
    }

    /// In no more memory than they need.
    var compact: LatencyRows {
        var compact = self
        (compact.places, compact.milliseconds) = (places.compact, milliseconds.compact)
        return compact
    }

    /// In milliseconds.
    func latency(_ row: Int) -> Int64 {
        let short = milliseconds[row]
        return short < .max ? Int64(short) : long[row] ?? 0
    }
}
