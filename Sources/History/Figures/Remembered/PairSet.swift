import Analytics

/// Pairs of a channel and a person, by number (``ChannelPairs``), each once: mostly one byte a pair.
struct PairSet: Sendable, Equatable {
    /// The difference of each number from the one before, as ``NumberBytes``.
    private let bytes: [UInt8]

    /// - Parameter numbers: in any order, any number of times.
    init(_ numbers: [Int32]) {
        var (bytes, last) = ([UInt8](), Int32(-1))
        bytes.reserveCapacity(numbers.count)
        for number in numbers.sorted() where number != last {
            NumberBytes.append(UInt64(number - last), to: &bytes)
            last = number
        }
        self.bytes = bytes.compact
    }

    /// All of them together.
    init(_ sets: [PairSet]) {
        var numbers: [Int32] = []
        for set in sets { set.forEach { numbers.append($0) } }
        self.init(numbers)
    }

    /// Bytes that it takes where it is remembered: nobody at all takes a place, too.
    var room: Int { bytes.count + 64 }

    func forEach(_ body: (Int32) -> Void) {
        var (position, last) = (0, Int32(-1))
        while let step = NumberBytes.number(bytes, &position) {
            last += Int32(truncatingIfNeeded: step)
            body(last)
        }
    }
}
