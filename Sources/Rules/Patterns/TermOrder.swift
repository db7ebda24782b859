/// Terms put in order one byte at a time, as far as a trie needs it.
///
/// All terms' symbols stand in one array: following an array of its own for each of 100,000 terms takes three times as long.
struct TermOrder {
    /// The terms' numbers, in the order reached so far.
    private(set) var indices: [Int32]
    private var spare: [Int32]
    private let symbols: [UInt8]
    /// For each term: where its symbols begin; one more than there are terms.
    private let starts: [Int32]
    private var counts = [Int32](repeating: 0, count: 257)

    init(_ terms: [Term], classes: [UInt8]) {
        var symbols: [UInt8] = []
        var starts: [Int32] = [0]
        symbols.reserveCapacity(terms.reduce(0) { $0 + $1.bytes.count })
        starts.reserveCapacity(terms.count + 1)
        for term in terms {
            for byte in term.bytes { symbols.append(classes[Int(byte)]) }
            starts.append(Int32(symbols.count))
        }
        (self.symbols, self.starts) = (symbols, starts)
        indices = [Int32](0..<Int32(terms.count))
        spare = indices
    }

    /// Sorts terms that agree on `depth` symbols by the next one, those that have no more first.
    ///
    /// Equals keep their order.
    ///
    /// - Returns: the rest, those that have one.
    mutating func sort(_ range: Range<Int32>, by depth: Int) -> Range<Int32> {
        if range.count <= 16 { insertionSort(range, by: depth) } else { countingSort(range, by: depth) }
        var first = range.lowerBound
        while first < range.upperBound, key(indices[Int(first)], depth) == 0 { first += 1 }
        return first..<range.upperBound
    }

    /// - Parameter range: sorted by the symbol at `depth`, which every one has.
    func forEachGroup(of range: Range<Int32>, by depth: Int, _ body: (UInt8, Range<Int32>) -> Void) {
        var first = range.lowerBound
        while first < range.upperBound {
            let symbol = key(indices[Int(first)], depth)
            var last = first + 1
            while last < range.upperBound, key(indices[Int(last)], depth) == symbol { last += 1 }
            body(UInt8(symbol - 1), first..<last)
            first = last
        }
    }

    /// The symbol at `depth` and 1; 0 where the term has ended.
    private func key(_ index: Int32, _ depth: Int) -> Int {
        let place = Int(starts[Int(index)]) + depth
        return place < Int(starts[Int(index) + 1]) ? Int(symbols[place]) + 1 : 0
    }

    private mutating func insertionSort(_ range: Range<Int32>, by depth: Int) {
        for position in Int(range.lowerBound) + 1..<max(Int(range.lowerBound) + 1, Int(range.upperBound)) {
            let index = indices[position]
            let own = key(index, depth)
            var place = position
            while place > Int(range.lowerBound), key(indices[place - 1], depth) > own {
                indices[place] = indices[place - 1]
                place -= 1
            }
            indices[place] = index
        }
    }

    private mutating func countingSort(_ range: Range<Int32>, by depth: Int) {
        for symbol in 0..<257 { counts[symbol] = 0 }
        for position in Int(range.lowerBound)..<Int(range.upperBound) { counts[key(indices[position], depth)] += 1 }
        var next = range.lowerBound
        for symbol in 0..<257 { (counts[symbol], next) = (next, next + counts[symbol]) }
        for position in Int(range.lowerBound)..<Int(range.upperBound) {
            let symbol = key(indices[position], depth)
            spare[Int(counts[symbol])] = indices[position]
            counts[symbol] += 1
        }
        for position in Int(range.lowerBound)..<Int(range.upperBound) { indices[position] = spare[position] }
    }
}
