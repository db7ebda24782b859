import HTTPClient
import JSON
import Limits
import Telemetry
import WebhookIngest

/// Watches this node and sends alerts to `ALERT_WEBHOOK_URL`; needs neither MongoDB nor the queue to work.
struct AlertMonitor: Sendable {
    private static let interval = Duration.seconds(5)

    let url: Secret
    let addresses: AddressPolicy
    let limits: Limits.Alert
    let log: Log
    let observe: @Sendable () -> AlertObservation
    private let client = HTTPClient()

    /// - Parameter addresses: where the operator lets requests go.
    init(
        url: Secret,
        addresses: AddressPolicy,
        limits: Limits.Alert,
        log: Log,
        observe: @escaping @Sendable () -> AlertObservation
    ) {
        (self.url, self.addresses, self.limits, self.log, self.observe) = (url, addresses, limits, log, observe)
    }

    /// Works until the task is cancelled.
    func run() async {
        var rules = AlertRules(limits)
        while !Task.isCancelled {
            for notice in rules.notices(observe(), at: QueueClock.system.uptime()) { await send(notice) }
            try? await Task.sleep(for: Self.interval)
        }
    }

    private func send(_ notice: AlertRules.Notice) async {
        log.warning("alert", ["alert": .init(notice.alert.rawValue), "text": .init(notice.text)])
        var request = HTTPClientRequest(
            method: "POST",
            url: url.revealed(),
            headers: [("Content-Type", "application/json")],
            body: Self.body(notice)
        )
        request.addresses = addresses
        do throws(HTTPClientError) {
            let response = try await client.send(request)
            guard !(200..<300).contains(response.status) else { return }
            log.error("ALERT_WEBHOOK_URL did not take an alert", ["status": .init(response.status)])
        } catch {
            log.error("ALERT_WEBHOOK_URL could not be reached", ["reason": .init(error.description)])
        }
    }

    /// `text` is what Slack and those compatible with it show.
    static func body(_ notice: AlertRules.Notice) -> [UInt8] {
        var writer = JSONWriter()
        writer.object {
            $0.field("source", "backchannel")
            $0.field("alert", notice.alert.rawValue)
            $0.field("text", notice.text)
        }
        return writer.bytes
    }
}
