import Limits

/// What goes wrong, on request: the pure part, given its randomness.
struct FaultPlan: Sendable, Equatable {
    /// What goes wrong with one call.
    enum Fault: Sendable, Equatable {
        /// Answered with an error, without being carried out.
        case error(status: Int, code: Int, retryAfter: Int?)
        /// Carried out, then the connection ends amid the answer.
        case cutAfterApply
        /// Carried out, then the connection ends without an answer.
        ///
        /// Clients that keep connections may then repeat the call by themselves, as libcurl does: they take the connection for
        /// one that had ended before.
        case silentCutAfterApply
        /// The connection ends without an answer and without the call being carried out.
        case cut
        /// Carried out, and answered with a body that is no JSON.
        case malformed
    }

    /// One kind of fault and which calls meet it.
    struct Rule: Sendable, Equatable {
        let fault: Fault
        /// Of all endpoints when `nil`.
        let endpoint: Endpoint?
        /// So many calls pass first.
        var after = 0
        /// So many calls, the next ones.
        var next: Int
        /// Or this share of calls, 0 to 1, for as long as the rule stands.
        let share: Double
    }

    var latencyMilliseconds = 0
    /// Further latency, evenly spread from none to this.
    var jitterMilliseconds = 0
    var rules: [Rule] = []
    /// Webhooks that are not sent: the next ones.
    var webhooksToDrop = 0
    /// Nothing answers.
    var isOut = false

    /// The fault that one call meets: of the first rule that applies.
    mutating func next(for endpoint: Endpoint, using random: inout some RandomNumberGenerator) -> Fault? {
        if isOut { return .cut }
        for index in rules.indices where rules[index].endpoint ?? endpoint == endpoint {
            guard rules[index].after == 0 else {
                rules[index].after -= 1
                continue
            }
            if rules[index].next > 0 {
                rules[index].next -= 1
                return rules[index].fault
            }
            if rules[index].share > 0, Double.random(in: 0..<1, using: &random) < rules[index].share {
                return rules[index].fault
            }
        }
        rules.removeAll { $0.next == 0 && $0.share == 0 }
        return nil
    }

    /// The time an answer takes at least.
    func latency(using random: inout some RandomNumberGenerator) -> Duration {
        let jitter = jitterMilliseconds > 0 ? Int.random(in: 0...jitterMilliseconds, using: &random) : 0
        return .milliseconds(latencyMilliseconds + jitter)
    }
}

extension FaultPlan {
    /// Reads `{"latency_ms", "jitter_ms", "outage", "drop_webhooks", "rules": [{"fault", "endpoint", "after", "next", …}]}`.
    ///
    /// - Throws: ``Refusal`` that names what is wrong.
    init(_ fields: Fields, limits: Limits.LocalProvider) throws(Refusal) {
        let known: Set = ["latency_ms", "jitter_ms", "outage", "drop_webhooks", "rules"]
        if let name = fields.names.first(where: { !known.contains($0) }) { throw .input("unknown field \"\(name)\"") }
        latencyMilliseconds = try Self.number(fields["latency_ms"], "latency_ms", most: limits.latencyMilliseconds)
        jitterMilliseconds = try Self.number(fields["jitter_ms"], "jitter_ms", most: limits.latencyMilliseconds)
        webhooksToDrop = try Self.number(fields["drop_webhooks"], "drop_webhooks", most: .max)
        isOut = fields["outage"]?.bool ?? false
        for rule in fields["rules"]?.array ?? [] { rules.append(try Rule(rule.object ?? [:])) }
    }

    fileprivate static func number(_ value: Value?, _ name: String, most: Int) throws(Refusal) -> Int {
        guard let value else { return 0 }
        guard let number = value.int.flatMap({ Int(exactly: $0) }), (0...most).contains(number) else {
            throw .input("\(name) must be an integer from 0 to \(most)")
        }
        return number
    }

    var fields: Fields {
        [
            "latency_ms": .int(Int64(latencyMilliseconds)), "jitter_ms": .int(Int64(jitterMilliseconds)),
            "outage": .bool(isOut), "drop_webhooks": .int(Int64(webhooksToDrop)),
            "rules": .array(rules.map { .object($0.fields) }),
        ]
    }
}

extension FaultPlan.Rule {
    fileprivate init(_ fields: Fields) throws(Refusal) {
        let name = fields["endpoint"]?.string
        endpoint = name.flatMap(Endpoint.init)
        if let name, endpoint == nil { throw .input("there is no endpoint \"\(name)\"") }
        after = try FaultPlan.number(fields["after"], "after", most: .max)
        next = try FaultPlan.number(fields["next"], "next", most: .max)
        share = fields["share"]?.double ?? 0
        guard (0...1).contains(share), next > 0 || share > 0 else {
            throw .input("a rule needs next, a number of calls, or share, a number above 0 and up to 1")
        }
        switch fields["fault"]?.string {
        case "error":
            let status = Int(fields["status"]?.int ?? 500)
            guard (400...599).contains(status) else { throw .input("status must be from 400 to 599") }
            let code = Int(fields["code"]?.int ?? (status == 429 ? 9 : -1))
            fault = .error(status: status, code: code, retryAfter: fields["retry_after"]?.int.map(Int.init))
        case "cut_after_apply": fault = .cutAfterApply
        case "silent_cut_after_apply": fault = .silentCutAfterApply
        case "cut": fault = .cut
        case "malformed": fault = .malformed
        default: throw .input("fault must be one of error, cut_after_apply, silent_cut_after_apply, cut, malformed")
        }
    }

    fileprivate var fields: Fields {
        var fields: Fields = [
            "after": .int(Int64(after)), "next": .int(Int64(next)), "share": .double(share),
            "endpoint": .optional(endpoint?.rawValue),
        ]
        switch fault {
        case .error(let status, let code, let retryAfter):
            fields.append("fault", "error")
            fields.append("status", .int(Int64(status)))
            fields.append("code", .int(Int64(code)))
            if let retryAfter { fields.append("retry_after", .int(Int64(retryAfter))) }
        case .cutAfterApply: fields.append("fault", "cut_after_apply")
        case .silentCutAfterApply: fields.append("fault", "silent_cut_after_apply")
        case .cut: fields.append("fault", "cut")
        case .malformed: fields.append("fault", "malformed")
        }
        return fields
    }
}
