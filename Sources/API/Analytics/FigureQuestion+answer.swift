import Analytics
import History
import Limits
import MongoDB

extension FigureQuestion {
    /// Blocking.
    ///
    /// - Parameter rows: those wanted at least.
    func figures(_ queries: HistoryQueries, rows: Range<Int>) throws(MongoError) -> Figures {
        let dated = dated(rows)
        if figure == .messages, grouping == .user { return try queries.messagesByUser(range, now: now) }
        if let measure = figure.measure { return try queries.volume(volume(measure)) }
        switch figure {
        case .activeUsers: return try queries.people(.active, range, now: now)
        case .newUsers: return try queries.people(.new, range, now: now)
        case .returningUsers: return try queries.people(.returning, range, now: now)
        case .messagesPerUser: return try queries.people(.messagesEach, range, now: now)
        case .adoption: return try queries.adoption(range, days: queries.limits.adoptionDays)
        case .participation: return try queries.participation(dated)
        case .newConnections: return try queries.newConnections(range)
        case .cohorts: return try queries.cohorts(range)
        case .conversationsStarted: return try queries.conversations(dated, twoSided: false)
        case .conversationsTwoSided: return try queries.conversations(dated, twoSided: true)
        case .conversationLength: return try queries.conversationLength(dated)
        case .conversationLongevity: return try queries.conversationLongevity(dated)
        case .firstResponse: return try queries.replies(dated, first: true)
        case .replyTime: return try queries.replies(dated, first: false)
        case .readLatency: return try queries.readLatency(dated)
        case .unanswered: return try queries.unanswered(dated)
        case .flags: return try queries.flags(dated)
        case .bans: return try queries.standingBans(dated)
        case .mutes: return try queries.standingMutes(dated)
        case .decisions: return try queries.decisions(dated)
        case .timeToDecision: return try queries.timeToDecision(dated)
        case .reviewQueue: return try queries.reviewQueue(dated)
        case .messages, .edits, .deletions, .reactions, .attachments, .threadReplies, .offers:
            preconditionFailure("\(figure) is counted by its measure")
        }
    }

    private func dated(_ rows: Range<Int>) -> DatedQuestion {
        var question = DatedQuestion(range, grouping: grouping, target: target, now: now)
        (question.place, question.hours, question.wanted) = (place, hours, rows)
        return question
    }

    private func volume(_ measure: RollupMeasure) -> VolumeQuestion {
        var question = VolumeQuestion(measure, in: range)
        question.type = type
        if let (filter, id) = place, let scope = filter.scope { (question.scope, question.id) = (scope, id) }
        switch grouping {
        case .type: question.group = .type
        case .weekdayHour: question.group = .weekdayHour
        case let other?: question.group = other.scope.map(VolumeGroup.scope)
        case nil: break
        }
        return question
    }
}
