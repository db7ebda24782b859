import Analytics
import Chat
import Limits
import MongoDB

/// Messages of everyone who wrote in a range.
struct PeopleSums {
    let names: FigureNames
    /// By number; of those who wrote nothing there none.
    private(set) var messages: [Int64] = []
    /// How many had never written before.
    private(set) var new: Int64 = 0

    init(_ names: FigureNames) { self.names = names }

    var active: Int64 { Int64(messages.count { $0 != 0 }) }

    mutating func add(_ people: ActivePeople) {
        new += people.new
        people.forEach { person, count in
            let place = Int(person)
            if place >= messages.count {
                messages.append(
                    contentsOf: repeatElement(0, count: max(place + 1, messages.count * 2) - messages.count)
                )
            }
            messages[place] += count
        }
    }
}

extension HistoryQueries {
    /// Who wrote in all of a range; pieces of which nothing has changed since are not counted again.
    ///
    /// - Returns: `nil` where that is not remembered, or would be too much.
    func activePeople(_ range: FigureRange, now: Timestamp) throws(MongoError) -> PeopleSums? {
        guard store.settings.keepsFigures, range.interval == .none, !range.quarters.isEmpty else { return nil }
        let (end, memory, versions) = (end, store.people, try versions(of: range.quarters))
        let names = store.names.names()
        var (sums, unknown) = (PeopleSums(names), [FigurePiece]())
        for piece in range.quarters.pieces(today: Quarter(now).day) {
            let version = versions.ofWriters(piece.quarters)
            if let known = memory.people(piece.quarters, version: version, names) {
                sums.add(known)
            } else {
                unknown.append(piece)
            }
        }
        guard !unknown.isEmpty else { return sums }
        let messages = try until(end).messages(in: unknown)
        guard messages <= limits.peopleMessagesMost else { return nil }
        let people =
            messages <= limits.peopleMessagesAtOnce
            ? try until(end).senders(in: unknown, names) : try until(end).everyone(in: unknown, names)
        for (piece, people) in zip(unknown, people) {
            sums.add(people)
            memory.keep(people, piece.quarters, version: versions.ofWriters(piece.quarters), names)
        }
        return sums
    }

    /// From everyone's activity.
    private func everyone(in pieces: [FigurePiece], _ names: FigureNames) throws(MongoError) -> [ActivePeople] {
        var people = [ActivePeople](repeating: ActivePeople(), count: pieces.count)
        guard let start = pieces.first?.quarters.lowerBound, let end = pieces.last?.quarters.upperBound else {
            return people
        }
        try forEachPerson { person in
            if let piece = person.first.flatMap(pieces.index(of:)) { people[piece].new += 1 }
            var number: Int32?
            pieces.forEachSum(person.activity(in: start..<end)) { piece, messages in
                let known = number ?? names.number(of: person.id)
                number = known
                people[piece].add(messages, of: known)
            }
        }
        return people
    }

    /// From messages, and from their senders' activity who had never written before.
    private func senders(in pieces: [FigurePiece], _ names: FigureNames) throws(MongoError) -> [ActivePeople] {
        var messages = [[Int32: Int64]](repeating: [:], count: pieces.count)
        let end = end
        for run in pieces.runs {
            guard let first = run.first, let last = run.last else { continue }
            var filter = (first.quarters.lowerBound..<last.quarters.upperBound).filter("createdAt")
            filter.append("sender_id") { $0.append("$exists", true) }
            try until(end).forEach(.messages, filter, .withoutID("createdAt", "sender_id")) { document in
                guard let time = document.time("createdAt"), let sender = document.string("sender_id"),
                    let piece = run.index(of: Quarter(time))
                else { return }
                messages[piece][names.number(of: sender), default: 0] += 1
            }
        }
        var people = messages.map { messages in
            var people = ActivePeople()
            for (person, count) in messages.sorted(by: { $0.key < $1.key }) { people.add(count, of: person) }
            return people
        }
        let all = names.all
        try until(end).forEachPerson(of: Set(messages.flatMap(\.keys)).map { all[Int($0)] }) { person in
            if let piece = person.first.flatMap(pieces.index(of:)) { people[piece].new += 1 }
        }
        return people
    }
}
