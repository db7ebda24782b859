import HTTPClient
import HTTPServer
import Limits
import Telemetry
import TestSupport
import Testing

@testable import backchannel

/// Alerts go where the operator has allowed it, also when a name leads into the own network.
struct AlertMonitorTests {
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            (AddressPolicy.publicOnly, false),
            (.publicOnly(or: [AddressRange("127.0.0.0/8")].compactMap(\.self)), true),
        ]
    )
    func anAlertGoesWhereItMay(_ addresses: AddressPolicy, _ arrives: Bool) async throws {
        try await withTestServer({ _ in HTTPResponse(status: 204) }) { receiver in
            let (logged, lines) = AsyncStream.makeStream(of: String.self)
            let monitor = AlertMonitor(
                url: Secret(receiver.url),
                addresses: addresses,
                limits: Limits.Alert(),
                log: Log(level: .error, write: { lines.yield($0) }),
                observe: { .init(isMongoReachable: true, queueShare: 1, rejections: 0, accepted: 0) }
            )
            let work = Task { await monitor.run() }
            if arrives {
                try await eventually { !receiver.received.isEmpty }
            } else {
                let line = await logged.first { _ in true }
                #expect(line?.contains("ALERT_WEBHOOK_URL could not be reached") == true)
                #expect(receiver.received.isEmpty)
            }
            work.cancel()
            await work.value
        }
    }
}
