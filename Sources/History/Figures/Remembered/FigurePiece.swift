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
        parts.enumerated().flatMap { part, quarters in quarters.pieces(byDay: byDay, part: part) }
    }

    /// Parts are long enough for what is counted of them to be worth keeping.
    var isRemembered: Bool { !quarters.isEmpty && (interval == .none || interval.calendar != nil) }
}

extension Range<Quarter> {
    /// In the order of time.
    func pieces(byDay: Bool, part: Int = 0) -> [FigurePiece] {
        var (pieces, start) = ([FigurePiece](), lowerBound)
        while start < upperBound {
            let end = Swift.min(RollupPeriod(of: start, byDay: byDay).next.start, upperBound)
            pieces.append(FigurePiece(part: part, quarters: start..<end))
            start = end
        }
        return pieces
    }
}

extension Range<Quarter> {
    /// Days, and hours of today, where events come in and what they change is then little; and of what is not all of a day, so that
    /// a range that begins or ends a bit later is mostly known.
    func pieces(today: Int64) -> [FigurePiece] {
        pieces(byDay: true).flatMap { piece in
            piece.isDay && piece.quarters.lowerBound.day != today ? [piece] : piece.hours
        }
    }
}

extension FigurePiece {
    fileprivate var isDay: Bool {
        quarters == Quarter(day: quarters.lowerBound.day)..<Quarter(day: quarters.lowerBound.day + 1)
    }

    fileprivate var hours: [FigurePiece] {
        var (hours, start) = ([FigurePiece](), quarters.lowerBound)
        while start < quarters.upperBound {
            let end = min(Hour(start).next.start, quarters.upperBound)
            hours.append(FigurePiece(part: part, quarters: start..<end))
            start = end
        }
        return hours
    }
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

    /// The same, at most so many at once: what one gave is kept, also where there is no time for the next.
    func runs(of most: Int) -> [SubSequence] {
        runs.flatMap { run in
            stride(from: run.startIndex, to: run.endIndex, by: most).map { run[$0...].prefix(most) }
        }
    }

    /// Counts added up by piece; a piece may come more than once, where they are in no order.
    func forEachSum(_ counts: some Sequence<(Quarter, Int64)>, _ body: (_ piece: Int, _ sum: Int64) -> Void) {
        var (piece, sum) = (Int?.none, Int64(0))
        for (quarter, count) in counts {
            // Neighbours mostly lie in the same piece.
            if let piece, self[piece].quarters.contains(quarter) {
                sum += count
                continue
            }
            if let piece { body(piece, sum) }
            (piece, sum) = (index(of: quarter), count)
        }
        if let piece { body(piece, sum) }
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
