import Analytics
import Chat
import MongoDB

/// Things that wait, by their age.
struct Ages {
    private let question: DatedQuestion
    private let most: Int
    private var ages: [(id: String, seconds: Int64)] = []

    /// - Parameter most: of more there is no answer.
    init(_ question: DatedQuestion, most: Int) { (self.question, self.most) = (question, most) }

    /// - Parameters:
    ///   - id: the field that names what waits.
    ///   - time: the field that says since when.
    mutating func add(_ document: BSONDocument, id: String, since time: String) throws(MongoError) {
        guard let since = document.date(time), question.placeMatches(document),
            // Of all together an index may tell the times alone.
            let id = question.isUndivided ? "" : document.string(id)
        else { return }
        guard ages.count < most else { throw Self.tooMany }
        ages.append((id, question.age(since: since)))
    }

    static let tooMany = MongoError.refusal("count what waits: it is too much. Narrow the range.")

    /// By band of age; by what waits with the age of each in seconds, oldest first.
    var figures: Figures {
        let total = Int64(ages.count)
        let range = question.range.quarters
        guard question.grouping == .channel || question.grouping == .item else {
            let rows = AgeBand.all.map { band in
                FigureRow(range, group: band.name, .count(Int64(ages.count { band.seconds.contains($0.seconds) })))
            }
            return Figures(rows, total: total)
        }
        let rows = ages.sorted { ($1.seconds, $0.id) < ($0.seconds, $1.id) }.map {
            FigureRow(range, group: $0.id, .count($0.seconds))
        }
        return Figures(rows, total: total)
    }
}

extension DatedQuestion {
    /// In seconds; what begins later than now has none.
    ///
    /// - Parameter milliseconds: since 1970-01-01T00:00:00Z.
    func age(since milliseconds: Int64) -> Int64 { max(0, (now.milliseconds - milliseconds) / 1_000) }

    fileprivate func placeMatches(_ document: BSONDocument) -> Bool {
        var question = self
        question.grouping = nil
        return question.group(document, user: "by").isWanted
    }
}

/// How long something has waited.
struct AgeBand {
    let name: String
    let seconds: Range<Int64>

    static let all = [
        AgeBand(name: "under 1 h", seconds: 0..<3_600),
        AgeBand(name: "1 h to 4 h", seconds: 3_600..<14_400),
        AgeBand(name: "4 h to 1 d", seconds: 14_400..<86_400),
        AgeBand(name: "1 d to 3 d", seconds: 86_400..<259_200),
        AgeBand(name: "3 d to 7 d", seconds: 259_200..<604_800),
        AgeBand(name: "over 7 d", seconds: 604_800..<Int64.max),
    ]

    /// Since when what now is of this age has waited, in milliseconds since 1970-01-01T00:00:00Z.
    func times(at now: Int64) -> Range<Int64> {
        let first = seconds.upperBound == .max ? .min : now - seconds.upperBound * 1_000 + 1
        return first..<(seconds.lowerBound == 0 ? .max : now - seconds.lowerBound * 1_000 + 1)
    }
}
