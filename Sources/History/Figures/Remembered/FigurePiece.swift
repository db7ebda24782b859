import Analytics

/// What of a part of a figure's range lies in one day or month of UTC.
struct FigurePiece {
    /// Its place among the parts.
    let part: Int
    let quarters: Range<Quarter>
}

extension FigureRange {
    /// Every part in its pieces, in the order of time.
    func pieces(byDay: Bool) -> [FigurePiece] {
        var pieces: [FigurePiece] = []
        for (part, quarters) in parts.enumerated() {
            var start = quarters.lowerBound
            while start < quarters.upperBound {
                let end = min(RollupPeriod(of: start, byDay: byDay).next.start, quarters.upperBound)
                pieces.append(FigurePiece(part: part, quarters: start..<end))
                start = end
            }
        }
        return pieces
    }

    /// Parts are long enough for what is counted of them to be worth keeping.
    var isRemembered: Bool { !quarters.isEmpty && (interval == .none || interval.calendar != nil) }
}

extension Swift.Collection<FigurePiece> where Index == Int {
    /// Those that follow each other without a gap.
    var runs: [SubSequence] {
        var (runs, start) = ([SubSequence](), startIndex)
        for index in indices.dropFirst() where self[index].quarters.lowerBound != self[index - 1].quarters.upperBound {
            runs.append(self[start..<index])
            start = index
        }
        if start < endIndex { runs.append(self[start...]) }
        return runs
    }

    /// The one that a quarter-hour lies in; they follow each other in the order of time.
    func index(of quarter: Quarter) -> Int? {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].quarters.upperBound <= quarter { low = middle + 1 } else { high = middle }
        }
        return low < endIndex && self[low].quarters.contains(quarter) ? low : nil
    }
}
