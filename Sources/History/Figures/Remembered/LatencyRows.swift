/// Answers or readings one by one: whose they are, in which channel, about which listing, and how long they took.
struct LatencyRows: Sendable, Equatable {
    /// Numbers of names, negative where there is none.
    private(set) var users: [Int32] = []
    private(set) var channels: [Int32] = []
    private(set) var listings: [Int32] = []
    private var milliseconds: [UInt32] = []
    /// Milliseconds that are more, by place: of seven weeks and more.
    private var long: [Int: Int64] = [:]

    var count: Int { users.count }

    /// What they take where they are remembered: none at all takes a place, too.
    var room: Int { count + 8 }

    mutating func add(by user: Int32?, in channel: Int32?, about listing: Int32?, took: Int64) {
        users.append(user ?? -1)
        channels.append(channel ?? -1)
        listings.append(listing ?? -1)
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
        (compact.users, compact.channels) = (users.compact, channels.compact)
        (compact.listings, compact.milliseconds) = (listings.compact, milliseconds.compact)
        return compact
    }

    /// In milliseconds.
    func latency(_ place: Int) -> Int64 {
        let short = milliseconds[place]
        return short < .max ? Int64(short) : long[place] ?? 0
    }
}
