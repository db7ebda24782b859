/// Values by what they are of, each with the number that its days had when it was counted (``FigureVersions``).
///
/// In bounded room: where it is full, what was not asked for longest goes.
struct Remembered<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry: Sendable {
        let version: Int64
        let value: Value
        let room: Int
        var lastUse: Int64
    }

    private let most: Int
    private var entries: [Key: Entry] = [:]
    private var kept = 0
    private var uses: Int64 = 0

    /// - Parameter most: what all of them may take.
    init(most: Int) { self.most = most }

    mutating func value(_ key: Key, version: Int64) -> Value? {
        guard let entry = entries[key], entry.version == version else { return nil }
        uses += 1
        entries[key]?.lastUse = uses
        return entry.value
    }

    /// Whatever number its days have now.
    func former(_ key: Key) -> Value? { entries[key]?.value }

    /// - Parameter room: what is more than all may take is not kept.
    mutating func keep(_ value: Value, taking room: Int, _ key: Key, version: Int64) {
        guard room <= most else { return }
        forget(key)
        if kept + room > most { forgetLongUnused(for: room) }
        uses += 1
        entries[key] = Entry(version: version, value: value, room: room, lastUse: uses)
        kept += room
    }

    mutating func forgetAll() { (entries, kept) = ([:], 0) }

    private mutating func forget(_ key: Key) {
        if let known = entries.removeValue(forKey: key) { kept -= known.room }
    }

    /// Somewhat more than has to, so that not each one that comes has all of them looked at.
    private mutating func forgetLongUnused(for room: Int) {
        let left = max(0, most - max(room, most / 8))
        for (key, _) in entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) where kept > left { forget(key) }
    }
}
