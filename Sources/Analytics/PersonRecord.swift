/// In which quarter-hours one user wrote, and how many messages.
///
/// One value a user, of any age: everything about people follows from it in any time zone, and a late or taken back
/// message changes it exactly. It grows with what the user does, by about two bytes a quarter-hour with messages.
package struct PersonRecord: Sendable, Equatable {
    package private(set) var id: String
    /// In the order of time; no count is 0.
    package private(set) var quarters: [Quarter] = []
    package private(set) var counts: [Int64] = []

    package init(id: String) { self.id = id }

    package var isEmpty: Bool { quarters.isEmpty }
    package var first: Quarter? { quarters.first }
    package var messages: Int64 { counts.reduce(0, +) }

    package mutating func add(_ amount: Int64, at quarter: Quarter) {
        let index = index(of: quarter)
        guard index < quarters.count, quarters[index] == quarter else {
            if amount != 0 {
                quarters.insert(quarter, at: index)
                counts.insert(amount, at: index)
            }
            return
        }
        counts[index] += amount
        guard counts[index] == 0 else { return }
        quarters.remove(at: index)
        counts.remove(at: index)
    }

    /// Whether the user wrote in any of these.
    package func wrote(in range: Range<Quarter>) -> Bool {
        let index = index(of: range.lowerBound)
        return index < quarters.count && quarters[index] < range.upperBound
    }

    /// Messages in these.
    package func messages(in range: Range<Quarter>) -> Int64 {
        var (index, sum) = (index(of: range.lowerBound), Int64(0))
        while index < quarters.count, quarters[index] < range.upperBound {
            sum += counts[index]
            index += 1
        }
        return sum
    }

    /// In the order of time.
    package func activity(in range: Range<Quarter>) -> Zip2Sequence<ArraySlice<Quarter>, ArraySlice<Int64>> {
        let (start, end) = (index(of: range.lowerBound), index(of: range.upperBound))
        return zip(quarters[start..<end], counts[start..<end])
    }

    /// The first that is not earlier.
    private func index(of quarter: Quarter) -> Int {
        // Most of what comes is the newest.
        guard let last = quarters.last, last >= quarter else { return quarters.count }
        var (low, high) = (0, quarters.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if quarters[middle] < quarter { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension PersonRecord {
    /// Differences of quarters and counts, each as a number of seven bits a byte, the least first (LEB128); the first
    /// quarter counts from 1970 and may be negative (zigzag).
    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(quarters.count * 2 + 4)
        var last: Int64 = 0
        for (index, quarter) in quarters.enumerated() {
            let step = quarter.number - last
            Self.append(index == 0 ? UInt64(bitPattern: (step << 1) ^ (step >> 63)) : UInt64(step), to: &bytes)
            Self.append(UInt64(bitPattern: (counts[index] << 1) ^ (counts[index] >> 63)), to: &bytes)
            last = quarter.number
        }
        return bytes
    }

    /// `nil` for bytes that ``encoded`` did not make.
    package init?(id: String, encoded bytes: [UInt8]) {
        self.init(id: id)
        guard become(id, encoded: bytes) else { return nil }
    }

    /// Becomes somebody else, in the memory that it has: for looking at very many one after the other.
    ///
    /// - Returns: `false`, and then it is of no use, for bytes that ``encoded`` did not make.
    package mutating func become(_ id: String, encoded bytes: [UInt8]) -> Bool {
        self.id = id
        quarters.removeAll(keepingCapacity: true)
        counts.removeAll(keepingCapacity: true)
        quarters.reserveCapacity(bytes.count / 2)
        counts.reserveCapacity(bytes.count / 2)
        var (position, last) = (0, Int64(0))
        while position < bytes.count {
            guard let step = Self.number(bytes, &position), let count = Self.number(bytes, &position) else {
                return false
            }
            let isFirst = quarters.isEmpty
            let (number, overflow) = last.addingReportingOverflow(isFirst ? Self.signed(step) : Int64(clamping: step))
            guard !overflow, isFirst || number > last, count != 0 else { return false }
            quarters.append(Quarter(number))
            counts.append(Self.signed(count))
            last = number
        }
        return true
    }

    private static func signed(_ value: UInt64) -> Int64 {
        Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    @inline(__always)
    private static func number(_ bytes: [UInt8], _ position: inout Int) -> UInt64? {
        guard position < bytes.count else { return nil }
        let byte = bytes[position]
        // Most take one byte.
        guard byte < 0x80 else { return longNumber(bytes, &position) }
        position += 1
        return UInt64(byte)
    }

    private static func longNumber(_ bytes: [UInt8], _ position: inout Int) -> UInt64? {
        var (value, shift) = (UInt64(0), UInt64(0))
        while position < bytes.count, shift < 64 {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }
}
