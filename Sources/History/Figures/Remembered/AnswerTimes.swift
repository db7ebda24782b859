import Analytics

/// How long answers took.
struct AnswerTimes: Sendable, Equatable {
    private(set) var sketch = LatencySketch()
    /// How many were within the target.
    private(set) var within: Int64 = 0

    mutating func add(_ milliseconds: Int64, target: Int64) {
        sketch.add(milliseconds)
        if milliseconds <= target { within += 1 }
    }

    mutating func add(_ others: AnswerTimes) {
        sketch.add(others.sketch)
        within += others.within
    }
}
