import Chat
import Decisions
import HTTPServer
import History
import JSON
import Limits
import MongoDB
import Rules

extension Routes {
    /// The rules in force, and what they would make of a text.
    static func rules(_ services: APIServices, _ database: Database) -> [Route] {
        let message = Parameter.identifier("id", in: .path, "The message.")
        return [
            Route(
                "GET",
                rulesPath,
                access: .readers,
                answers: .rules,
                "The rules in force, and what is wrong with the files as they are now."
            ) { _ in
                let status = try inForce(services).status
                return .json { write(status, to: &$0) }
            },
            Route(
                "POST",
                "\(rulesPath)/explain",
                access: .roles([.moderator]),
                answers: .explanationOfText,
                "What the rules would make of a text, condition by condition. Nothing is stored or sent."
            ) { request in
                guard let engine = try inForce(services).engine else { throw noRules }
                guard let result = RuleTrial(engine).run(try example(request)) else {
                    throw Problem(400, "What is given makes no event: look at the values of `event` and `message`.")
                }
                return .json { result.write(by: engine.ruleSet, to: &$0) }
            },
            Route(
                "GET",
                "\(rulesPath)/explain/{id}",
                access: .roles([.moderator]),
                answers: .explanation,
                "What the rules in force would make of a stored message by what is known today. Nothing is stored.",
                [message]
            ) { request in
                guard let engine = try inForce(services).engine else { throw noRules }
                let trial = MessageTrial(
                    engine,
                    facts: services.facts,
                    provider: services.provider,
                    limits: services.limits.rules
                )
                let id = request[message]
                let result = try await database.run { (queries) throws(MongoError) in
                    try trial.run(id, reading: HistoryReader(queries.store))
                }
                guard let result else {
                    throw Problem(404, "No event that brought this message is kept with its body.")
                }
                return .json { result.write(by: engine.ruleSet, to: &$0) }
            }.audited("message.read", .after) { .init("message", $0[message]) },
        ]
    }

    private static let rulesPath = "/api/v1/rules"
    private static let noRules = Problem(409, "There are no rules: set RULES_DIR to a folder that holds them.")

    private static func inForce(_ services: APIServices) throws -> RulesInForce {
        guard let inForce = services.rules.inForce else { throw noRules }
        return inForce
    }

    /// `{"text": …, "event": …, "given": {path: value}}`.
    private static func example(_ request: APIRequest) throws -> RuleTest {
        let body = try RequestJSON.object(in: request.body)
        for field in body.object where !["text", "event", "given"].contains(field.key) {
            throw Problem(400, "Unknown field \(field.key); allowed: text, event and given.")
        }
        var given: [RuleTest.Given] = []
        for field in body["given"].map({ Array($0.object) }) ?? [] {
            guard let path = ValuePath(names: field.key.split(separator: ".").map(String.init)),
                let value = RuleValue(field.value)
            else {
                throw Problem(
                    400,
                    "given.\(field.key) cannot be used; allowed: a path such as listing.status, and a value."
                )
            }
            given.append(.init(path, value))
        }
        return RuleTest(
            place: RulePlace(file: "request", line: 1, column: 1),
            event: body["event"]?.string.map(EventType.init) ?? RuleEvent.messageNew,
            text: body["text"]?.string,
            given: given,
            at: request.now,
            expectation: .staysQuiet
        )
    }

    private static func write(_ status: RulesInForce.Status, to writer: inout JSONWriter) {
        writer.field("version", status.engine?.ruleSet.version)
        writer.field("since", status.since?.rfc3339)
        writer.field("faults", status.faults)
        writer.field("warnings", status.warnings)
        writer.field("data") {
            $0.array {
                for rule in status.engine?.ruleSet.rules ?? [] { $0.object { write(rule, to: &$0) } }
            }
        }
    }

    private static func write(_ rule: Rule, to writer: inout JSONWriter) {
        writer.field("_id", rule.id)
        writer.field("description", rule.description)
        writer.field("phase", rule.phase.rawValue)
        writer.field("mode", rule.mode.rawValue)
        writer.field("on", rule.events.map(\.rawValue).sorted())
        writer.field("priority", rule.priority)
        writer.field("place", rule.place.description)
        writer.field("actions", rule.actions.map(\.name))
        writer.field("tests", rule.tests.count)
    }
}
