/// The command line.
struct Options: Sendable, Equatable {
    var host = "127.0.0.1"
    var port: UInt16 = 0
    var apiKey = ""
    var apiSecret = ""
    var folder: String?
    var rules = RateWindows.Rules()
    var latencyMilliseconds = 0
    var seed: UInt64 = 1
    var wantsHelp = false

    /// A command line that cannot be understood.
    struct Fault: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// - Parameter words: without the executable's own name.
    init(_ words: [String]) throws(Fault) {
        var rest = words[...]
        while let word = rest.popFirst() {
            switch word {
            case "--help", "-h": wantsHelp = true
            case "--no-limits": rules.isOff = true
            case "--minute-limits-only": rules.secondShare = 0
            default:
                guard Self.valued.contains(word) else {
                    throw Fault(description: "unknown option '\(word)'; see --help")
                }
                guard let value = rest.popFirst() else {
                    throw Fault(description: "'\(word)' needs a value; see --help")
                }
                try set(word, value)
            }
        }
        guard wantsHelp || (!apiKey.isEmpty && !apiSecret.isEmpty) else {
            throw Fault(description: "--api-key and --api-secret are required; see --help")
        }
    }

    private static let valued: Set = [
        "--host", "--port", "--api-key", "--api-secret", "--data", "--limit", "--latency", "--seed",
    ]

    private mutating func set(_ name: String, _ value: String) throws(Fault) {
        switch name {
        case "--host": host = value
        case "--port": port = try Self.number(name, value)
        case "--api-key": apiKey = value
        case "--api-secret": apiSecret = value
        case "--data": folder = value
        case "--latency": latencyMilliseconds = Int(try Self.number(name, value) as UInt16)
        case "--seed": seed = try Self.number(name, value)
        default: try setLimit(value)
        }
    }

    private mutating func setLimit(_ text: String) throws(Fault) {
        let parts = text.split(separator: "=")
        guard parts.count == 2, let endpoint = Endpoint(rawValue: String(parts[0])), let calls = Int(parts[1]),
            calls > 0
        else {
            let names = Endpoint.allCases.map(\.rawValue).joined(separator: ", ")
            throw Fault(description: "'--limit' takes ENDPOINT=CALLS, with ENDPOINT one of \(names)")
        }
        rules.callsPerMinute[endpoint] = calls
    }

    private static func number<Number: FixedWidthInteger>(_ name: String, _ text: String) throws(Fault) -> Number {
        guard let number = Number(text) else {
            throw Fault(description: "'\(name)' takes a number from 0 to \(Number.max), not '\(text)'")
        }
        return number
    }

    static let help = """
        local-provider: plays the chat provider's server API on this machine, for tests and demos.

        usage: local-provider --api-key KEY --api-secret SECRET [OPTIONS]

          --port N               listen here; 0, the default, is any free port
          --host ADDRESS         default: 127.0.0.1
          --data FOLDER          keep everything there, so that it outlives the process; in memory otherwise
          --no-limits            limit nothing
          --limit ENDPOINT=N     calls a minute of one endpoint, such as SendMessage=1000; may be repeated
          --minute-limits-only   leave out the limit of a second, a thirtieth of that of a minute
          --latency MS           answer no sooner than this
          --seed N               of what is random: identifiers of webhooks and shares of faults

        What the app sets by PATCH /app is played: event hooks, hooks of pending messages, and the hook that is asked before
        a user's message is sent (before_message_send_hook_url). With PUT /channeltypes/TYPE {"mark_messages_pending": true}
        messages of a type wait to be committed. Custom commands and automatic moderation are not played.

        The first line of output is the address. SIGINT and SIGTERM end it.

        What is not the provider's is under /_local, without authentication:
          GET  /_local/applied?entity=&since=&limit=   what was carried out: counts by entity and operation, and entries
          PUT  /_local/faults    {"latency_ms", "jitter_ms", "outage", "drop_webhooks",
                                  "rules": [{"fault": "error|cut_after_apply|silent_cut_after_apply|cut|malformed",
                                             "endpoint", "next" or "share", "after", "status", "code", "retry_after"}]};
                                 replaces the faults set before
          GET  /_local/faults    the faults still to come
          GET  /_local/webhooks  how many were delivered, failed, dropped and wait, and which were dropped
          POST /_local/act       {"user_id", "method", "path", "query", "body"}: a call as that user's client makes it
          POST /_local/reset     forget everything
        """
}
