import Chat
import Crypto
import HTTPServer
import History
import JSON
import Limits
import Moderation
import MongoDB
import Outbox
import Provider

extension Routes {
    /// What waits for moderators, and what they do about it.
    static func reviews(_ services: APIServices, _ database: Database) -> [Route] {
        [list(services, database), show(services, database), decideSeveral(services, database)]
            + desk(services, database) + [decide(services, database)]
    }

    // MARK: Reading

    private static func list(_ services: APIServices, _ database: Database) -> Route {
        let limits = services.limits
        let status = Parameter<ReviewQuery.Status>.choice(
            "status",
            in: .query,
            "How far they have come; any with `user`, `channel` or `assignee` alone."
        )
        .defaulting(to: .undecided)
        let severity = Parameter<Severity>.choice("severity", in: .query, "How grave they are.").optional
        let source = Parameter<ReviewSource.Kind>.choice("source", in: .query, "Why they are to be looked at.").optional
        let label = Parameter<String>.reviewLabel(limits.review, in: .query, "A label of rules or of the provider.")
            .optional
        let place = Parameter.identifier("place", in: .query, "The type of the channel, such as `messaging`.").optional
        let channel = Parameter.identifier("channel", in: .query, "The channel: `type:id`.").optional
        let user = Parameter.identifier("user", in: .query, "Who wrote the message, or who it is about.").optional
        let assignee = Parameter.identifier("assignee", in: .query, "The moderator it was assigned to.").optional
        let order = Parameter<ReviewQuery.Order>.choice(
            "order",
            in: .query,
            "The gravest first, of those the one that waits longest; or by how long they wait."
        ).defaulting(to: .severity)
        let limit = Parameter.pageSize("Items on a page.", limits.query)
        let cursor = Parameter.cursor(", with the same order", ReviewCursor.init).optional
        return Route(
            "GET",
            path,
            access: .moderators,
            answers: .reviews,
            "What waits for moderators: messages and users that somebody or something spoke against.",
            [status, severity, source, label, place, channel, user, assignee, order, limit, cursor]
        ) { request in
            var query = ReviewQuery()
            (query.status, query.severity, query.source) = (request[status], request[severity], request[source])
            (query.label, query.place, query.channel) = (request[label], request[place], request[channel])
            (query.user, query.assignee, query.order) = (request[user], request[assignee], request[order])
            guard query.status != .any || query.user ?? query.channel ?? query.assignee != nil else {
                throw Problem.parameter("status", "The status any is for the items of one user, channel or assignee.")
            }
            if let cursor = request[cursor] {
                guard cursor.order == query.order else {
                    throw Problem.parameter("cursor", "The parameter cursor belongs to a page in another order.")
                }
                query.after = cursor.position
            }
            let (wanted, limit, now) = (query, request[limit], request.now)
            let page = try await database.run { (queries) throws(MongoError) in
                try queries.reviews(wanted, limit: limit, at: now)
            }
            return .page(page.reviews, next: page.next.map { ReviewCursor(wanted.order, $0).text }) {
                ReviewJSON.writeSummary($0, at: now, to: &$1)
            }
        }
    }

    private static func show(_ services: APIServices, _ database: Database) -> Route {
        let id = Parameter.reviewID
        return Route(
            "GET",
            "\(path)/{id}",
            access: .moderators,
            answers: .review,
            "One item with what it takes to decide: the messages around it, its author, what was decided before.",
            [id]
        ) { request in
            let (subject, limits, now) = (request[id], services.limits.review, request.now)
            let context = try await database.run { (queries) throws(MongoError) in
                try ReviewContext(of: subject, queries, services.outbox(queries), limits, at: now)
            }
            guard let context else { throw Problem.notFound("item") }
            return .json { context.write(at: now, to: &$0) }
        }.audited("message.read", .after) { .init("review", $0[id].id) }
    }

    // MARK: At the desk

    private static func desk(_ services: APIServices, _ database: Database) -> [Route] {
        let limits = services.limits.review
        let (id, moderator) = (Parameter.reviewID, Parameter.identifier("moderator", in: .body, "The user who acts."))
        let seconds = Parameter.integer(
            "seconds",
            "How long the claim is to hold.",
            in: 1...limits.claimMostSeconds,
            default: limits.claimSeconds
        )
        let assignee = Parameter.identifier(
            "assignee",
            in: .body,
            "The moderator who is to look at it; left out: nobody."
        )
        .optional
        let reason = Parameter.reviewReason(limits, "Why.").optional
        let text = Parameter.text(
            "text",
            in: .body,
            "The note.",
            allowed: "1 to \(limits.noteCharacters) characters",
            isAllowed: { 1...limits.noteCharacters ~= $0.count }
        )
        func route(
            _ verb: String,
            _ summary: String,
            _ parameters: [any ParameterDeclaration],
            _ act: @escaping @Sendable (ReviewStore, APIRequest) throws(MongoError) -> Outcome
        ) -> Route {
            Route(
                "POST",
                "\(path)/{id}/\(verb)",
                access: .moderators,
                answers: .reviewChanged,
                summary,
                [id, moderator] + parameters
            ) {
                request in
                let outcome = try await database.runRepeating { (queries) throws(MongoError) in
                    try act(ReviewStore(queries.store, limits: limits), request)
                }
                return try answer(outcome, request)
            }.audited("review.\(verb)", .before) { .init("review", $0[id].id, actor: $0[moderator]) }
        }
        return [
            Route(
                "POST",
                "\(path)/{id}/claim",
                access: .moderators,
                answers: .claimed,
                "Claims an item for a while, so that nobody else decides about it; the same again goes on holding it.",
                [id, moderator, seconds]
            ) { request in
                let (subject, moderator, seconds) = (request[id], request[moderator], request[seconds])
                let (token, now) = (Hex.encode(try randomBytes(tokenBytes)), request.now)
                let outcome = try await database.runRepeating { (queries) throws(MongoError) in
                    try ReviewStore(queries.store, limits: limits)
                        .claim(subject, by: moderator, seconds: seconds, token: token, at: now)
                }
                let claim = try outcome.mapError(Problem.init).get().desk.claim
                return .json {
                    $0.field("_id", subject.id)
                    $0.field("claim", claim?.token)
                    $0.field("by", claim?.by)
                    $0.field("until", claim?.until)
                }
            }.audited("review.claim", .before) { .init("review", $0[id].id, actor: $0[moderator]) },
            route("release", "Gives a claim up.", []) { (store, request) throws(MongoError) in
                try store.release(request[id], by: request[moderator], at: request.now)
            },
            route("assign", "Says who is to look at an item.", [assignee]) { (store, request) throws(MongoError) in
                try store.assign(request[id], to: request[assignee])
            },
            route("notes", "Notes something for other moderators.", [text]) { (store, request) throws(MongoError) in
                try store.note(request[text], on: request[id], by: request[moderator], at: request.now)
            },
            route(
                "reopen",
                "Has an item that was decided looked at again.",
                [reason]
            ) { (store, request) throws(MongoError) in
                try store.reopen(request[id], by: request[moderator], reason: request[reason], at: request.now)
            },
        ]
    }

    private static let tokenBytes = 16

    // MARK: Deciding

    private static func decide(_ services: APIServices, _ database: Database) -> Route {
        let id = Parameter.reviewID
        return Route(
            "POST",
            "\(path)/{id}/decide",
            access: .moderators,
            answers: .reviewed,
            "Decides about an item.",
            [id]
        ) { request in
            let form = try ReviewForm(request.body, keyID: keyID(request), isBulk: false, services.limits.review)
            let outcome = try await decide(request[id], form.order, request, services, database)
            services.effects.notify()
            return try answer(outcome, request)
        }.audited("review.decide", .within) { .init("review", $0[id].id) }
    }

    private static func decideSeveral(_ services: APIServices, _ database: Database) -> Route {
        let limits = services.limits.review
        return Route(
            "POST",
            "\(path)/decide",
            access: .moderators,
            answers: .reviewedSeveral,
            "Decides the same about up to \(limits.bulkItems) items, each answered on its own.",
            bodyBytes: limits.bulkBytes
        ) { request in
            let form = try ReviewForm(request.body, keyID: keyID(request), isBulk: true, limits)
            var results: [(id: String, outcome: Result<StoredReview, Problem>)] = []
            for item in form.items {
                var order = form.order
                order.claim = item.claim
                results.append((item.id, try await outcome(of: order, on: item.id, request, services, database)))
            }
            services.effects.notify()
            let isWhole = results.allSatisfy { (try? $0.outcome.get()) != nil }
            return .json(isWhole ? 200 : 207) { writer in
                writer.field("mode", services.effects.mode().rawValue)
                writer.field("data") { $0.array { for result in results { write(result, to: &$0) } } }
            }
        }.audited("review.decide", .within) { _ in .init("review") }
    }

    /// One that fails leaves the others as they are.
    private static func outcome(
        of order: ReviewOrder,
        on id: String,
        _ request: APIRequest,
        _ services: APIServices,
        _ database: Database
    ) async throws -> Result<StoredReview, Problem> {
        guard let subject = ReviewCaseRecord.Subject(id: id) else { return .failure(.notFound("item")) }
        do {
            return try await decide(subject, order, request, services, database).mapError(Problem.init)
        } catch {
            guard let problem = Problem(error, limits: services.limits.api) else { throw error }
            return .failure(problem)
        }
    }

    private static func decide(
        _ subject: ReviewCaseRecord.Subject,
        _ order: ReviewOrder,
        _ request: APIRequest,
        _ services: APIServices,
        _ database: Database
    ) async throws -> Outcome {
        var refusal: (@Sendable (ProviderCall) -> String?)?
        if let provider = services.effects.provider { refusal = { provider.refusal(of: $0)?.reason } }
        let effects = ReviewStore.Effects(
            mode: services.effects.mode(),
            order: services.effects.order,
            limits: services.limits.outbox,
            refusal: refusal
        )
        return try await database.runRepeating { (queries) throws(MongoError) in
            try ReviewStore(queries.store, limits: services.limits.review)
                .decide(subject, order, effects, at: request.now, writes: services.reviews.writes) { act in
                    request.audit.take(
                        of: act.review.record.subject.id,
                        by: act.decision.by,
                        concerning: act.message?.record.sender,
                        ["action": act.decision.action.rawValue]
                    )
                }
        }
    }

    // MARK: Answers

    private typealias Outcome = Result<StoredReview, ReviewRefusal>

    private static func answer(_ outcome: Outcome, _ request: APIRequest) throws -> HTTPResponse {
        let review = try outcome.mapError(Problem.init).get()
        return .json { ReviewJSON.write(review, at: request.now, to: &$0) }
    }

    private static func write(
        _ result: (id: String, outcome: Result<StoredReview, Problem>),
        to writer: inout JSONWriter
    ) {
        let (decision, problem): (ReviewDecision?, Problem?)
        switch result.outcome {
        case .success(let review): (decision, problem) = (review.desk.decisions.last, nil)
        case .failure(let failure): (decision, problem) = (nil, failure)
        }
        writer.object {
            $0.field("_id", result.id)
            $0.field("status", problem?.status ?? 200)
            if let problem { $0.field("detail", problem.detail) }
            if let decision { $0.field("decision") { $0.object { ReviewJSON.write(decision, to: &$0) } } }
        }
    }

    private static func keyID(_ request: APIRequest) -> String { request.caller?.keyID ?? "ADMIN_API_KEY" }

    private static let path = "/api/v1/review-queue"
}

extension Route.Access {
    fileprivate static let moderators = Route.Access.roles([.moderator])
}

extension Problem {
    fileprivate init(_ refusal: ReviewRefusal) {
        switch refusal {
        case .unknown: self = .notFound("item")
        case .notAMessage, .impossible: self.init(400, refusal.description)
        default: self.init(409, refusal.description)
        }
    }
}

extension Parameter where Value == ReviewCaseRecord.Subject {
    fileprivate static let reviewID = Parameter(
        name: "id",
        place: .path,
        summary: "The item: its `_id`, escaped as in URLs.",
        allowed: "`message:ID` or `user:ID`, of at most \(Limits.Worker().identifierBytes + 8) bytes",
        fallback: nil,
        shownFallback: nil,
        read: { $0.utf8.count <= Limits.Worker().identifierBytes + 8 ? ReviewCaseRecord.Subject(id: $0) : nil }
    )
}

/// A place in the review queue and the order it was found in.
struct ReviewCursor: Sendable {
    let order: ReviewQuery.Order
    let position: ReviewPosition

    init(_ order: ReviewQuery.Order, _ position: ReviewPosition) { (self.order, self.position) = (order, position) }

    init?(_ text: String) {
        guard let cursor = Cursor.decode(text),
            let order = ReviewQuery.Order.allCases.first(where: { $0.walk == cursor.walk }),
            let space = cursor.id.firstIndex(of: " "), let rank = Int(cursor.id[..<space])
        else { return nil }
        let id = String(cursor.id[cursor.id.index(after: space)...])
        self.init(order, ReviewPosition(rank: rank, at: cursor.time, id: id))
    }

    var text: String { Cursor.encode(order.walk, position.at, "\(position.rank) \(position.id)") }
}

extension ReviewQuery.Order {
    fileprivate var walk: Cursor.Walk {
        switch self {
        case .severity: .reviewsBySeverity
        case .oldest: .oldestReviews
        case .newest: .newestReviews
        }
    }
}
