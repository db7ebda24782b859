package import Analytics

/// One row of a figure.
package struct FigureRow: Sendable, Equatable {
    /// A part of the range, or all of it.
    package var quarters: Range<Quarter>
    /// Whose, where the figure is grouped.
    package var group: String?
    package var value: FigureValue

    package init(_ quarters: Range<Quarter>, group: String? = nil, _ value: FigureValue) {
        (self.quarters, self.group, self.value) = (quarters, group, value)
    }
}

package enum FigureValue: Sendable, Equatable {
    case count(Int64)
    /// `nil` where there is nothing to divide by.
    case ratio(Double?)
    case latency(LatencySummary)
    /// Of a group of `size`, how many were there after so many periods.
    case matrix(size: Int64, [Int64])

    package var number: Double? {
        switch self {
        case .count(let count): Double(count)
        case .ratio(let ratio): ratio
        case .latency(let summary): summary.p50
        case .matrix(let size, _): Double(size)
        }
    }
}

/// What a question about figures comes to.
package struct Figures: Sendable, Equatable {
    /// Without groups every part of the range; with groups those that have any, or as many of these as were asked for.
    package let rows: [FigureRow]
    /// The place of the first of them among all.
    package private(set) var first = 0
    /// How many there are in all.
    package let count: Int
    /// Of the whole range; `nil` where values cannot be added up.
    package private(set) var total: Int64?
    /// What has to be read for them is more than anybody waits for, and is being read.
    package private(set) var isBeingRead = false

    package init(_ rows: [FigureRow], total: Int64?) {
        (self.rows, self.total) = (rows, total)
        count = rows.count
    }

    /// Some of them.
    init(_ rows: [FigureRow], from first: Int, of count: Int, total: Int64? = nil) {
        (self.rows, self.first, self.count, self.total) = (rows, first, count, total)
    }

    /// Those that are not known yet.
    static var beingRead: Figures {
        var figures = Figures([], total: nil)
        figures.isBeingRead = true
        return figures
    }
}
