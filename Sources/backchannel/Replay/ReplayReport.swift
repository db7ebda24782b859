import JSON

/// What became of a replay.
struct ReplayReport: Sendable {
    /// Deliveries taken from the plan, among them copies and forgeries.
    var deliveries = 0
    var copies = 0
    var forged = 0
    /// Genuine deliveries answered with success.
    var acknowledged = 0
    /// Genuine deliveries without success after all attempts.
    var unacknowledged = 0
    /// Forged deliveries refused as unauthorised, and those answered with success.
    var forgedRefused = 0
    var forgedAccepted = 0
    var attemptsRepeated = 0
    var connectionsLost = 0
    var statuses: [Int: Int] = [:]
    /// The beginning of the first body of each refusing status.
    var refusals: [Int: String] = [:]
    var latency = LatencyHistogram()
    var bytes = 0
    var seconds = 0.0
    /// Why sending ended before everything was sent.
    var stopped: String?
    /// No connection was ever made: the reason.
    var unreachable: String?

    /// Everything genuine was acknowledged and nothing forged was.
    var isComplete: Bool { unacknowledged == 0 && forgedAccepted == 0 && stopped == nil && unreachable == nil }

    /// Answers a second.
    var rate: Double { seconds > 0 ? Double(latency.count) / seconds : 0 }

    mutating func count(_ delivery: Delivery) {
        deliveries += 1
        copies += delivery.isCopy ? 1 : 0
        forged += delivery.isForged ? 1 : 0
    }

    mutating func count(_ answer: HTTPAnswer) {
        statuses[answer.status, default: 0] += 1
        guard answer.status >= 300, refusals[answer.status] == nil else { return }
        refusals[answer.status] = String(decoding: answer.bodyStart, as: UTF8.self)
    }

    /// - Parameter status: of the last answer; `nil` without one.
    mutating func settle(_ delivery: Delivery, success: Bool, status: Int?) {
        switch (delivery.isForged, success) {
        case (true, true): forgedAccepted += 1
        case (true, false): forgedRefused += status == 401 ? 1 : 0
        case (false, true): acknowledged += 1
        case (false, false): unacknowledged += 1
        }
    }

    func json(connections: Int) -> String {
        var writer = JSONWriter(capacity: 1_024)
        writer.object {
            $0.field("deliveries", deliveries)
            $0.field("copies", copies)
            $0.field("forged", forged)
            $0.field("acknowledged", acknowledged)
            $0.field("unacknowledged", unacknowledged)
            $0.field("forged_refused", forgedRefused)
            $0.field("forged_accepted", forgedAccepted)
            $0.field("retries", attemptsRepeated)
            $0.field("connections", connections)
            $0.field("connections_lost", connectionsLost)
            $0.field("bytes", bytes)
            $0.field("seconds", Self.rounded(seconds, 3))
            $0.field("per_second", Self.rounded(rate, 0))
            $0.field("p50_ms", milliseconds(0.5))
            $0.field("p99_ms", milliseconds(0.99))
            $0.field("p999_ms", milliseconds(0.999))
            $0.field("max_ms", milliseconds(1))
            $0.field("status") { $0.object { for (status, count) in sorted { $0.field("\(status)", count) } } }
            $0.field("stopped", stopped ?? unreachable)
        }
        return writer.text
    }

    /// For people.
    func text(connections: Int) -> String {
        var rows = [
            ("sent", "\(deliveries) (\(copies - forged) twice, \(forged) forged) over \(connections) connections"),
            ("acknowledged", "\(acknowledged) in \(Self.rounded(seconds, 2)) s, \(Int(rate)) answers/s"),
        ]
        if forged > 0 { rows.append(("forged", "\(forgedRefused) refused, \(forgedAccepted) accepted")) }
        if unacknowledged > 0 { rows.append(("unacknowledged", "\(unacknowledged)")) }
        rows.append(("statuses", sorted.map { "\($0.0) × \($0.1)" }.joined(separator: ", ")))
        if attemptsRepeated + connectionsLost > 0 {
            rows.append(("sent again", "\(attemptsRepeated); connections lost: \(connectionsLost)"))
        }
        let shares = [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("max", 1)]
        rows.append(("latency", shares.map { "\($0.0) \(milliseconds($0.1)) ms" }.joined(separator: "  ")))
        for (status, body) in refusals.sorted(by: { $0.key < $1.key }) { rows.append(("first \(status)", body)) }
        if let stopped = stopped ?? unreachable { rows.append(("stopped", stopped)) }
        return rows.map { name, value in
            name + String(repeating: " ", count: max(1, 16 - name.count)) + value
        }.joined(separator: "\n")
    }

    private var sorted: [(Int, Int)] { statuses.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }

    private func milliseconds(_ share: Double) -> Double {
        Self.rounded(Double(latency.quantile(share)) / 1e6, 3)
    }

    private static func rounded(_ value: Double, _ digits: Int) -> Double {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        return (value * scale).rounded() / scale
    }
}
