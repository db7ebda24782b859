import Chat
import Crypto
import Foundation
import Notifications
import TestSupport
import Testing

struct WebhookSignerTests {
    private struct Delivery: Encodable {
        let secret: String
        let headers: [String: String]
        let body: Data
    }

    private static func verdicts(_ deliveries: [Delivery]) async throws -> [String] {
        let folder = try TemporaryFolder()
        try JSONEncoder().encode(deliveries).write(to: folder.url.appending(path: "deliveries"))
        let process = try await ChildProcess(
            try await peerPython(),
            [scriptPath("verify_webhook.py"), folder.path("deliveries")]
        )
        var lines: [String] = []
        for await line in process.lines { lines.append(line) }
        guard await process.wait() == 0 else { throw TestFailure(await process.wholeErrorOutput()) }
        return lines
    }

    /// Against the library that the specification's authors keep.
    @Test func theOfficialLibraryAccepts() async throws {
        let old = WebhookSigner.secret(try randomBytes(24))
        let new = WebhookSigner.secret(try randomBytes(64))
        let signer = try WebhookSigner(secrets: [new, old])
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
        let body = Array("{\"type\":\"new-offer\",\"data\":{\"text\":\"Grüße\"}}".utf8)
        func delivery(_ secret: String, at time: Timestamp = now, sent: [UInt8]? = nil) -> Delivery {
            let headers = signer.headers(id: "msg_1", at: time, body: body)
            return Delivery(
                secret: secret,
                headers: Dictionary(headers.map { ($0.name, $0.value) }) { first, _ in first },
                body: Data(sent ?? body)
            )
        }
        let verdicts = try await Self.verdicts([
            delivery(new), delivery(old), delivery(WebhookSigner.secret(try randomBytes(32))),
            delivery(new, sent: body + [0x20]),
            delivery(new, at: Timestamp(milliseconds: now.milliseconds - 3_600_000)),
        ])
        #expect(verdicts.map { $0.hasPrefix("accepted") } == [true, true, false, false, false], "\(verdicts)")
    }

    @Test(arguments: [
        ("", WebhookSecretError.malformed), ("hush", .malformed), ("whsec_hush!", .malformed), ("whsec_", .length),
        ("whsec_aHVzaA==", .length), ("whsec_" + Base64.encode([UInt8](repeating: 1, count: 65)), .length),
    ])
    func secretsAreChecked(_ secret: String, _ reason: WebhookSecretError) {
        let error = #expect(throws: WebhookSecretError.self) { try WebhookSigner(secrets: [secret]) }
        #expect(error == reason)
        #expect(error.map { !"\($0)".contains("hush") } == true)
    }

    @Test func withoutASecretThereIsNoSigner() {
        #expect(throws: WebhookSecretError.missing) { try WebhookSigner(secrets: []) }
    }
}
