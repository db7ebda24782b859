extension Swift.Collection {
    /// `sorted(by:).prefix(count)`, quicker where there are many more of them.
    ///
    /// - Parameter precedes: a strict order; of those that are alike any may come first.
    func firstSorted(_ count: Int, by precedes: (Element, Element) -> Bool) -> [Element] {
        // Each that is among the first so far moves those after it.
        guard count < self.count / 32 else { return Array(sorted(by: precedes).prefix(count)) }
        var first: [Element] = []
        for element in self {
            if first.count == count {
                guard let last = first.last, precedes(element, last) else { continue }
                first.removeLast()
            }
            var (low, high) = (0, first.count)
            while low < high {
                let middle = (low + high) / 2
                if precedes(first[middle], element) { low = middle + 1 } else { high = middle }
            }
            first.insert(element, at: low)
        }
        return first
    }
}
