/// Which expressions of a set matched a text; one for each thread, used again from text to text.
package struct ExpressionHits: Sendable {
    private var room: [Int32] = []
    /// How many matched.
    package private(set) var count = 0
    /// Whether the set ran out of memory and every expression was tried alone: the same result, more slowly.
    package internal(set) var wereSoughtOneByOne = false

    package init() {}

    /// The expression's number, from 0, for the hit at `position`; in ascending order.
    package subscript(position: Int) -> Int {
        precondition(position < count, "no such hit")
        return Int(room[position])
    }

    /// All expressions that matched, in ascending order.
    package var indices: [Int] { room.prefix(count).map(Int.init) }

    mutating func clear(room needed: Int) {
        if room.count < needed { room = [Int32](repeating: 0, count: needed) }
        (count, wereSoughtOneByOne) = (0, false)
    }

    mutating func append(_ index: Int) {
        room[count] = Int32(index)
        count += 1
    }

    /// Lets `body` write hits in any order, and say how many.
    mutating func fill<Result>(_ body: (UnsafeMutablePointer<Int32>?, inout Int) -> Result) -> Result {
        defer { if count > 1 { room[..<count].sort() } }
        return room.withUnsafeMutableBufferPointer { body($0.baseAddress, &count) }
    }
}
