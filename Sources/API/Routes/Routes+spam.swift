import Chat
import HTTPServer
import History
import JSON
import Limits
import MongoDB
import Rules
import Spam

extension Routes {
    /// The spam model in force, and what it makes of messages.
    static func spam(_ services: APIServices, _ database: Database) -> [Route] {
        let message = Parameter.identifier("id", in: .path, "The message.")
        let limits = services.limits.spam
        return [
            Route(
                "GET",
                spamPath,
                access: .readers,
                answers: .spam,
                "The spam model in force, its versions, and how it did on the newest verdicts."
            ) { _ in
                let current = services.spam?.current
                let state = try await database.run { (queries) throws(MongoError) in
                    try SpamState(queries.store, limits)
                }
                return .json { write(current, state, to: &$0) }
            },
            Route(
                "GET",
                "\(spamPath)/messages/{id}",
                access: .roles([.moderator]),
                answers: .spamOfMessage,
                "What the model in force makes of a stored message, with the strongest reasons, and what people said of it.",
                [message]
            ) { request in
                guard let current = services.spam?.current else { throw noModel }
                let id = request[message]
                let found = try await database.run { (queries) throws(MongoError) in
                    (try queries.message(id), try SpamLabelStore(queries.store).label(of: id))
                }
                guard let details = found.0 else { throw Problem.notFound("message") }
                return .json { write(current, details, found.1, to: &$0) }
            }.audited("message.read", .after) { .init("message", $0[message]) },
        ]
    }

    private static let spamPath = "/api/v1/spam"
    private static let noModel = Problem(
        409,
        "There is no spam model: set SPAM_MODEL to a file that 'backchannel spam train' made."
    )

    // MARK: The model

    private struct SpamState: Sendable {
        let versions: [SpamModelStore.Version]
        let count: Int
        /// With what models had said before they learned them.
        let newest: [SpamLabel]

        init(_ store: HistoryStore, _ limits: Limits.Spam) throws(MongoError) {
            versions = try SpamModelStore(store, limits).versions()
            let labels = SpamLabelStore(store)
            count = try labels.count()
            newest = try labels.newest(limits.placeLabelsMost)
        }
    }

    private static func write(_ current: SpamModelInForce?, _ state: SpamState, to writer: inout JSONWriter) {
        writer.field("version", current?.version)
        if let current {
            writer.field("learned", current.learned)
            writer.field("trained_on") {
                $0.object {
                    $0.field("spam", current.model.spam)
                    $0.field("ham", current.model.ham)
                }
            }
            writer.field("thresholds") {
                $0.object {
                    $0.field("hold", current.model.thresholds.hold)
                    $0.field("block", current.model.thresholds.block)
                }
            }
            writer.field("places", current.places.keys.sorted())
        }
        writer.field("labels", state.count)
        writer.field("newest") { $0.object { write(metrics: state.newest, to: &$0) } }
        writer.field("versions") {
            $0.array {
                for version in state.versions {
                    $0.object {
                        $0.field("_id", version.version)
                        $0.field("at", version.at.rfc3339)
                        $0.field("origin", version.origin.rawValue)
                        $0.field("labels", version.labels)
                    }
                }
            }
        }
    }

    private static func write(metrics labels: [SpamLabel], to writer: inout JSONWriter) {
        let scored = labels.filter { $0.score != nil }
        let metrics = SpamMetrics(scored.map { $0.score ?? 0 }, isSpam: scored.map(\.isSpam))
        let counts = metrics.counts(atLeast: 0.5)
        writer.field("labels", scored.count)
        writer.field("spam", scored.count { $0.isSpam })
        writer.field("audited", scored.count { $0.origin == .audit })
        guard !scored.isEmpty else { return }
        writer.field("spam_caught", counts.spamCaught)
        writer.field("ham_blocked", counts.hamBlocked)
        writer.field("matthews", counts.matthews)
        writer.field("calibration_error", metrics.calibrationError)
    }

    // MARK: A message

    private static func write(
        _ current: SpamModelInForce,
        _ details: MessageDetails,
        _ label: SpamLabel?,
        to writer: inout JSONWriter
    ) {
        let document = details.message.document
        let text = document.string("text") ?? ""
        let extractor = SpamExtractor()
        extractor.extract(text)
        let place = document.string("cid").map { Channel.parts(ofCID: $0).type }
        let score = current.score(extractor, in: place)
        writer.field("message_id", document.string("_id"))
        writer.field("model", current.version)
        writer.field("probability", score.probability)
        writer.field("advice", score.advice.rawValue)
        writer.field("language", score.familiarity.rawValue)
        writer.field("reasons") {
            $0.array {
                for reason in text.isEmpty ? [] : current.reasons(extractor) {
                    $0.object {
                        $0.field("words", reason.words)
                        $0.field("weight", reason.weight)
                    }
                }
            }
        }
        guard let label else { return }
        writer.field("verdict") {
            $0.object {
                $0.field("spam", label.isSpam)
                $0.field("by", label.by)
                $0.field("at", label.at.rfc3339)
                $0.field("origin", label.origin.rawValue)
                $0.field("score", label.score)
                $0.field("model", label.model)
            }
        }
    }
}
