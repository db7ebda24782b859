package import Chat

/// What a message, or somebody's joining, leaves for later events to be counted against.
package struct WindowEntry: Sendable, Hashable, Comparable {
    package var time: Timestamp
    /// FNV-1a of the message's or event's id: an order among those of one instant that every node computes alike.
    package var tieBreak: UInt64
    /// FNV-1a of the channel's `cid`.
    package var channel: UInt64
    /// See `TextLikeness`; 0 without text.
    package var digest: UInt64
    package var likeness: UInt64
    package var links: UInt8
    package var mentions: UInt8

    package init(
        time: Timestamp,
        id: String,
        cid: String?,
        digest: UInt64 = 0,
        likeness: UInt64 = 0,
        links: Int = 0,
        mentions: Int = 0
    ) {
        self.time = time
        (tieBreak, channel) = (Self.hash(id), cid.map(Self.hash) ?? 0)
        (self.digest, self.likeness) = (digest, likeness)
        (self.links, self.mentions) = (UInt8(clamping: links), UInt8(clamping: mentions))
    }

    /// To the millisecond: no more of it is stored.
    package static func join(of user: String, cid: String?, at time: Timestamp) -> WindowEntry {
        WindowEntry(time: Timestamp(milliseconds: time.milliseconds), id: user, cid: cid)
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.time, left.tieBreak) < (right.time, right.tieBreak)
    }

    package static func isSame(_ left: Self, _ right: Self) -> Bool {
        (left.time, left.tieBreak) == (right.time, right.tieBreak)
    }

    /// Whether it is what the message of this id left.
    package func isOf(_ id: String) -> Bool { tieBreak == Self.hash(id) }

    private static func hash(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash
    }
}

/// The last entries of one subject, in the order of their events' times.
///
/// Pure: what is counted follows from the entries alone, in whichever order they came. At most
/// `Limits.Rules.windowEntries` before an entry count with it.
package struct Window: Sendable, Equatable {
    /// Sorted, each once.
    package private(set) var entries: [WindowEntry] = []
    /// Whether there is nothing before the first of them.
    package private(set) var isComplete: Bool

    package init(_ entries: [WindowEntry] = [], isComplete: Bool = true) {
        self.isComplete = isComplete
        for entry in entries { insert(entry) }
    }

    /// In place of what was known of the same thing.
    package mutating func insert(_ entry: WindowEntry) {
        var place = entries.endIndex
        while place > 0, entry < entries[place - 1] { place -= 1 }
        if place > 0, WindowEntry.isSame(entries[place - 1], entry) {
            entries[place - 1] = entry
        } else {
            entries.insert(entry, at: place)
        }
    }

    /// Whether what left the entry is counted.
    package func holds(_ entry: WindowEntry) -> Bool {
        let place = earlier(than: entry)
        return place < entries.count && WindowEntry.isSame(entries[place], entry)
    }

    package mutating func remove(_ entry: WindowEntry) {
        let place = earlier(than: entry)
        if place < entries.count, WindowEntry.isSame(entries[place], entry) { entries.remove(at: place) }
    }

    /// Leaves the last of the entries.
    package mutating func keepLast(_ count: Int) {
        guard entries.count > count else { return }
        entries.removeFirst(entries.count - count)
        isComplete = false
    }

    /// Whether what counts with the entry is here.
    package func covers(_ entry: WindowEntry, most: Int) -> Bool { isComplete || earlier(than: entry) >= most }

    /// How many of the entries lie before this one.
    private func earlier(than entry: WindowEntry) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle] < entry { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// - Parameter most: entries before it that count with it.
    package func answer(_ key: InputKey, for entry: WindowEntry, most: Int) -> RuleAnswer {
        let end = earlier(than: entry)
        let before = entries[max(0, end - most)..<end]
        switch key {
        case .first: return .value(.flag(before.isEmpty && isComplete))
        case .silence: return before.last.map { .value(.number(entry.time.seconds(since: $0.time))) } ?? .missing
        case .rate(let counted, let within, _):
            let start = entry.time.nanoseconds.subtractingReportingOverflow(within.nanoseconds)
            let from = start.overflow ? Int64.min : start.partialValue
            let recent = before.reversed().prefix { $0.time.nanoseconds > from }
            return .value(.number(Double(Self.count(counted, recent, entry))))
        case .value, .spam, .spamModel: return .missing
        }
    }

    private static func count(
        _ counted: Rate.Counted,
        _ before: some Sequence<WindowEntry>,
        _ entry: WindowEntry
    ) -> Int {
        switch counted {
        case .messages, .joins: before.reduce(1) { count, _ in count + 1 }
        case .links: before.reduce(Int(entry.links)) { $0 + Int($1.links) }
        case .mentions: before.reduce(Int(entry.mentions)) { $0 + Int($1.mentions) }
        case .channels: before.reduce(into: Set([entry.channel])) { $0.insert($1.channel) }.count
        case .identical: entry.digest == 0 ? 0 : before.reduce(1) { $0 + ($1.digest == entry.digest ? 1 : 0) }
        case .similar:
            entry.digest == 0
                ? 0 : before.reduce(1) { $0 + (TextLikeness.isSimilar($1.likeness, entry.likeness) ? 1 : 0) }
        }
    }
}
