import Analytics

/// Who wrote in a piece of time, by number, and how many messages: mostly two bytes a person.
struct ActivePeople: Sendable, Equatable {
    /// The difference of each person's number from the one before (zigzag), then the messages, as ``NumberBytes``.
    private var bytes: [UInt8] = []
    private var last: Int32 = 0
    /// How many of them had never written before.
    var new: Int64 = 0

    /// Bytes that it takes where it is remembered: nobody at all takes a place, too.
    var room: Int { bytes.count + 64 }

    /// - Parameter person: once; those whose numbers are close after each other take least.
    mutating func add(_ messages: Int64, of person: Int32) {
        NumberBytes.append(signed: Int64(person) - Int64(last), to: &bytes)
        NumberBytes.append(UInt64(clamping: messages), to: &bytes)
        last = person
    }

    func forEach(_ body: (_ person: Int32, _ messages: Int64) -> Void) {
        var (position, person) = (0, Int64(0))
        while let step = NumberBytes.signed(bytes, &position), let count = NumberBytes.number(bytes, &position) {
            person += step
            body(Int32(person), Int64(clamping: count))
        }
    }

    /// In no more memory than it needs.
    var compact: ActivePeople {
        var compact = self
        compact.bytes = bytes.compact
        return compact
    }
}
