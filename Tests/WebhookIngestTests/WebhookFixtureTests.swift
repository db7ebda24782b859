import Chat
import Crypto
import Foundation
import Testing

@testable import WebhookIngest

/// Every folder of `Fixtures/webhooks`, sent to a real server.
struct WebhookFixtureTests {
    struct Fixture: CustomTestStringConvertible {
        struct Expected: Decodable {
            let status: Int
            let type: String?
            let lane: String?
            let cause: String?
        }

        let name: String
        /// What the signature covers, for those that are accepted.
        let body: [UInt8]
        let sent: [UInt8]
        let headers: [String: String]
        let expected: Expected
        var testDescription: String { name }

        init(folder: URL) throws {
            name = folder.lastPathComponent
            body = [UInt8](try Data(contentsOf: folder.appending(path: "body.json")))
            let compressed = try? Data(contentsOf: folder.appending(path: "body.gz"))
            sent = compressed.map { [UInt8]($0) } ?? body
            let decoder = JSONDecoder()
            headers = try decoder.decode(
                [String: String].self,
                from: Data(contentsOf: folder.appending(path: "headers.json"))
            )
            expected = try decoder.decode(
                Expected.self,
                from: Data(contentsOf: folder.appending(path: "expected.json"))
            )
        }

        static func all(file: String = #filePath) throws -> [Fixture] {
            let root = URL(filePath: file).deletingLastPathComponent().appending(path: "../../Fixtures/webhooks")
            let folders = try ["", "_invalid"].flatMap { part in
                let parent = root.appending(path: part).standardized
                return try FileManager.default.contentsOfDirectory(at: parent, includingPropertiesForKeys: nil)
            }
            let fixtures = try folders.sorted { $0.path < $1.path }
                .filter { FileManager.default.fileExists(atPath: $0.path + "/expected.json") }
                .map(Fixture.init)
            try #require(fixtures.count > 80, "fixtures are missing in \(root.path)")
            return fixtures
        }
    }

    @Test(arguments: try Fixture.all())
    func getsItsAnswer(_ fixture: Fixture) throws {
        let test = try ReceiverUnderTest()
        let answer = try test.send(headers: fixture.headers, body: fixture.sent)
        #expect(answer.status == fixture.expected.status)
        let kept = try test.queue.takeAll().map(\.delivery)
        guard fixture.expected.status == 200 else {
            #expect(kept.isEmpty)
            #expect(test.receiver.rejections.recent.map(\.cause.rawValue) == [fixture.expected.cause])
            return
        }
        #expect(answer.text == #"{"success":true}"#)
        let delivery = try #require(kept.first)
        #expect(delivery.body == fixture.body)
        #expect(delivery.id.bytes == SHA256.digest(fixture.body))
        #expect(delivery.type == fixture.expected.type)
        #expect(delivery.lane == fixture.expected.lane)
        #expect(delivery.apiKey == "fixture-key")
        #expect(Hex.encode(delivery.signature) == fixture.headers["X-Signature"])
        #expect(delivery.webhookID == fixture.headers["X-Webhook-Id"])
        #expect(delivery.attempt == 1)
        #expect(delivery.receivedAt == ManualClock.epoch)
    }
}
