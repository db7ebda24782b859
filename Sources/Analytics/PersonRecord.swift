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
    /// Differences of quarters, the first from 1970, and counts, as ``NumberBytes``; the first quarter and counts are signed.
    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(quarters.count * 2 + 4)
        var last: Int64 = 0
        for (index, quarter) in quarters.enumerated() {
            let step = quarter.number - last
            if index == 0 {
                NumberBytes.append(signed: step, to: &bytes)
            } else {
                NumberBytes.append(UInt64(step), to: &bytes)
            }
            NumberBytes.append(signed: counts[index], to: &bytes)
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
            guard let step = NumberBytes.number(bytes, &position), let count = NumberBytes.signed(bytes, &position)
            else {
                return false
            }
            let isFirst = quarters.isEmpty
            let (number, overflow) = last.addingReportingOverflow(
                isFirst ? NumberBytes.signed(step) : Int64(clamping: step)
            )
            guard !overflow, isFirst || number > last, count != 0 else { return false }
            quarters.append(Quarter(number))
            counts.append(count)
            last = number
        }
        return true
    }
}
