import Analytics

/// How long answers or readings took.
struct LatencyTimes: Sendable, Equatable {
    private(set) var sketch = LatencySketch()
    /// How many were within the target.
    private(set) var within: Int64 = 0

    mutating func add(_ milliseconds: Int64, target: Int64) {
        sketch.add(milliseconds)
        if milliseconds <= target { within += 1 }
    }

    mutating func add(_ others: LatencyTimes) {
        sketch.add(others.sketch)
        within += others.within
    }
}
