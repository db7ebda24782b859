import Chat
import HTTPServer
import History
import JSON
import Limits
import Moderation
import MongoDB

extension Routes {
    /// What users of the app tell of messages and of each other.
    static func reports(_ services: APIServices, _ database: Database) -> [Route] {
        let limits = services.limits.review
        let message = Parameter.identifier("message", in: .body, "The message that it is about.").optional
        let user = Parameter.identifier("user", in: .body, "The user that it is about, instead of a message.").optional
        let reporter = Parameter.identifier("reporter", in: .body, "The user who reports.")
        let reason = Parameter.reviewReason(limits, "What the user says.").optional
        let label = Parameter<String>.reviewLabel(limits, in: .body, "What kind of report it is, such as `spam`.")
            .optional
        let severity = Parameter<Severity>.choice("severity", in: .body, "How grave that is.").optional
        return [
            Route(
                "POST",
                "/api/v1/reports",
                access: .roles([.service, .moderator]),
                answers: .report,
                "Tells moderators what a user reports: a message or another user.",
                [message, user, reporter, reason, label, severity]
            ) { request in
                let subjects = [
                    request[message].map(ReviewCaseRecord.Subject.message),
                    request[user].map(ReviewCaseRecord.Subject.user),
                ].compactMap(\.self)
                guard subjects.count == 1, let subject = subjects.first else {
                    throw Problem.parameter("message", "The body must name one message or one user, and not both.")
                }
                let report = Report(
                    of: subject,
                    by: request[reporter],
                    reason: request[reason],
                    labels: [request[label]].compactMap(\.self),
                    severity: request[severity]
                )
                let now = request.now
                let outcome = try await database.runRepeating { (queries) throws(MongoError) in
                    try ReviewStore(queries.store, limits: limits).report(report, at: now)
                }
                return try answer(outcome, subject, limits)
            }
        ]
    }

    private static func answer(
        _ outcome: ReviewStore.Reported,
        _ subject: ReviewCaseRecord.Subject,
        _ limits: Limits.Review
    ) throws(Problem) -> HTTPResponse {
        let (review, isNew): (StoredReview, Bool)
        switch outcome {
        case .unknown: throw .notFound(subject.messageID == nil ? "user" : "message")
        case .tooMany(let seconds):
            throw Problem(
                429,
                "The user has reported \(limits.reportsPerReporter) things of late, which is the most within "
                    + "\(limits.reportWindowSeconds / 60) minutes. Nothing was noted; try again in \(seconds) seconds.",
                headers: ["Retry-After": "\(seconds)"]
            )
        case .noted(let noted): (review, isNew) = (noted, true)
        case .repeated(let known): (review, isNew) = (known, false)
        }
        return .json(isNew ? 202 : 200) {
            $0.field("_id", subject.id)
            $0.field("counted", isNew)
            $0.field("complaints", review.record.complaints)
        }
    }
}

extension Parameter where Value == String {
    static func reviewReason(_ limits: Limits.Review, _ summary: String) -> Self {
        text(
            "reason",
            in: .body,
            summary,
            allowed: "1 to \(limits.reasonCharacters) characters",
            isAllowed: { 1...limits.reasonCharacters ~= $0.count }
        )
    }

    static func reviewLabel(_ limits: Limits.Review, in place: ParameterPlace, _ summary: String) -> Self {
        text(
            "label",
            in: place,
            summary,
            allowed: "1 to \(limits.labelBytes) bytes",
            isAllowed: { 1...limits.labelBytes ~= $0.utf8.count }
        )
    }
}
