import Analytics
import HTTPServer
import History
import Limits
import MongoDB

extension Routes {
    static let analyticsPath = "/api/v1/analytics"

    static func analytics(_ services: APIServices, _ database: Database) -> [Route] {
        let catalogue = Route(
            "GET",
            analyticsPath + "/metrics",
            access: .readers,
            answers: .figureCatalogue,
            "Every figure with its definition, and how it can be asked for."
        ) { _ in
            let zones = try await database.run { (queries) throws(MongoError) in try queries.figureState().zones }
            return FigureCatalogue.response(zones: zones)
        }
        return [catalogue] + Figure.allCases.map { route($0, services.limits.query, database) }
    }

    private static func route(_ figure: Figure, _ limits: Limits.Query, _ database: Database) -> Route {
        let form = FigureForm(figure, limits)
        return Route(
            "GET",
            analyticsPath + "/\(figure.rawValue)",
            access: .readers,
            answers: .figure,
            "\(figure.definition.title), as [figures](analytics.md) defines them.",
            form.parameters
        ) { request in
            let (question, first, limit) = (
                try form.question(request), request[form.cursor]?.row ?? 0, request[form.limit]
            )
            let figures: Figures?
            do {
                figures = try await database.run { (queries) throws(MongoError) -> Figures? in
                    guard try queries.figureState().isComplete else { return nil }
                    return try question.figures(queries, rows: first..<first + limit)
                }
            } catch HistoryError.mongo(let cause) where cause.isRefusal && cause.code == 0 {
                // Ours, not MongoDB's: more than is looked at while somebody waits.
                throw Problem(400, cause.description)
            }
            guard let figures else { throw Problem.figuresIncomplete }
            guard !figures.isBeingRead else { throw Problem.figuresBeingRead }
            var answer = FigureAnswer(question, figures, from: first, limit: limit)
            return answer.response(request[form.format])
        }
    }
}

extension Problem {
    static let figuresBeingRead = unavailable(
        "The range has more answers than can be read while somebody waits. They are being read now: ask again.",
        retryAfter: 5
    )

    /// The history is older than its figures.
    static let figuresIncomplete = Problem(
        409,
        "What was stored before figures were kept, by an earlier version or with FIGURES=off, is not counted. Run `backchannel rebuild` once they are kept."
    )
}
