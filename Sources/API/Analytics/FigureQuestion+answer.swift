import Analytics
import History
import Limits
import MongoDB

extension FigureQuestion {
    /// Blocking.
    func figures(_ queries: HistoryQueries) throws(MongoError) -> Figures {
        if figure == .messages, grouping == .user { return try queries.messagesByUser(range) }
        if let measure = figure.measure { return try queries.volume(volume(measure)) }
        switch figure {
        case .activeUsers: return try queries.people(.active, range)
        case .newUsers: return try queries.people(.new, range)
        case .returningUsers: return try queries.people(.returning, range)
        case .messagesPerUser: return try queries.people(.messagesEach, range)
        case .adoption: return try queries.adoption(range, days: queries.limits.adoptionDays)
        default: return try queries.cohorts(range)
        }
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
