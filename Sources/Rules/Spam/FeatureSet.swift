/// The distinct features of one text, group by group, as places in the table of weights.
///
/// Its memory is that of the table's places, whatever the text; the next text's features overwrite it. Whoever owns it frees it.
struct FeatureSet {
    private let isTaken: UnsafeMutablePointer<UInt64>
    private let storage: UnsafeMutablePointer<UInt32>
    /// Where each group ends in `storage`.
    private(set) var ends: InlineArray<4, Int> = [0, 0, 0, 0]
    private var begin = 0
    private(set) var count = 0

    init() {
        isTaken = .allocate(capacity: SpamHash.places / 64)
        isTaken.initialize(repeating: 0, count: SpamHash.places / 64)
        // One more: a place is written before it is known to be new.
        let capacity = SpamHash.places * FeatureGroup.allCases.count + 1
        // Not initialised: every place is written before it is read, and most are never touched.
        storage = .allocate(capacity: capacity)
    }

    func deallocate() {
        isTaken.deallocate()
        storage.deallocate()
    }

    mutating func removeAll() { (begin, count) = (0, 0) }

    /// Takes a feature, once for the group.
    @inline(__always)
    mutating func insert(_ hash: UInt64) {
        let place = SpamHash.place(hash)
        let (word, bit) = (Int(place >> 6), UInt64(1) << UInt64(place & 63))
        let before = isTaken[word]
        storage[count] = place
        // No branch: whether a stretch of letters was there before is anybody's guess.
        count &+= before & bit == 0 ? 1 : 0
        isTaken[word] = before | bit
    }

    /// Groups end in their order.
    mutating func end(_ group: FeatureGroup) {
        for index in begin..<count { isTaken[Int(storage[index] >> 6)] = 0 }
        ends[group.rawValue] = count
        begin = count
    }

    /// Valid until the next text.
    subscript(group: FeatureGroup) -> UnsafeBufferPointer<UInt32> {
        let start = group.rawValue == 0 ? 0 : ends[group.rawValue - 1]
        return UnsafeBufferPointer(start: storage + start, count: ends[group.rawValue] - start)
    }

    /// What each feature of the group counts.
    @inline(__always)
    func value(of group: FeatureGroup) -> Float { group.value(ofEachOf: self[group].count) }
}
