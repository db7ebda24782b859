import Crypto
import Foundation
import Gzip
import HTTPClient
import TestSupport
import Testing

/// Damaged deliveries to the executable: whatever arrives, nothing breaks and nothing is lost.
struct MutationTests {
    private static let deliveries = 10_000
    private static let connections = 8
    /// Small, so that some bodies are over them.
    private static let settings = [
        "WEBHOOK_BODY_BYTES": "32KiB", "WEBHOOK_INFLATED_BYTES": "64KiB", "LOG_LEVEL": "error",
    ]
    private static let bodyBytes = 32_768
    private static let inflatedBytes = 65_536

    private struct Outcome {
        /// Accepted events, in hex.
        var accepted: Set<String> = []
        var statuses: [Int: Int] = [:]
        /// Answers that are not what they must be.
        var surprises: [String] = []
        var announcedEnds = 0

        mutating func add(_ other: Outcome) {
            accepted.formUnion(other.accepted)
            surprises += other.surprises
            statuses.merge(other.statuses, uniquingKeysWith: +)
            announcedEnds += other.announcedEnds
        }
    }

    @Test func tenThousandDamagedDeliveriesBreakNothing() async throws {
        let random = SeededRandom()
        let service = try ServiceUnderTest(mongoURI: try sharedMongoURI(), settings: Self.settings)
        try await service.start()
        let outcome = try await sendAll(to: service.port, seed: random.seed)
        print("statuses \(outcome.statuses), connections ended as announced: \(outcome.announcedEnds)")
        #expect(outcome.surprises.isEmpty)
        #expect(outcome.statuses.values.reduce(0, +) == Self.deliveries)
        #expect(outcome.statuses[200, default: 0] > Self.deliveries / 3, "seed \(random.seed)")
        #expect(outcome.statuses[401, default: 0] > Self.deliveries / 3, "seed \(random.seed)")
        #expect(outcome.statuses[413, default: 0] > 10, "seed \(random.seed)")
        #expect(outcome.announcedEnds <= outcome.statuses[413, default: 0], "seed \(random.seed)")

        try await service.drained()
        let (stored, deadLetters) = (try await service.storedEvents(), try await service.deadLetters())
        print("\(stored.count) events, \(deadLetters.count) dead letters")
        #expect(stored.count > 1_000 && deadLetters.count > 1_000, "the mutations no longer try both ways")
        #expect(Set(stored).count == stored.count, "seed \(random.seed)")
        #expect(outcome.accepted == Set(stored).union(deadLetters), "seed \(random.seed)")
        #expect(try await service.get("/readyz").status == 200)
        #expect(await service.stop() == 0, "seed \(random.seed): \(service.errorOutput.suffix(2_000))")
        try await service.dropDatabase()
    }

    private func sendAll(to port: Int, seed: UInt64) async throws -> Outcome {
        // An erased user would take with it what most other bodies say.
        let cases = try (fixtureCases(in: "webhooks") + fixtureCases(in: "webhooks/_invalid"))
            .filter { !$0.name.contains("/user.deleted") }
        let mutation = BodyMutation(bodies: cases.map(\.body))
        return try await withThrowingTaskGroup(of: Outcome.self) { group in
            for connection in 0..<Self.connections {
                group.addTask {
                    try await blocking {
                        var random = SeededRandom(seed: seed &+ UInt64(connection))
                        return try send(Self.deliveries / Self.connections, mutation, to: port, &random)
                    }
                }
            }
            return try await group.reduce(into: Outcome()) { $0.add($1) }
        }
    }

    /// Over one connection, one after the other.
    private func send(
        _ count: Int,
        _ mutation: BodyMutation,
        to port: Int,
        _ random: inout SeededRandom
    ) throws -> Outcome {
        let connection = try KeepAliveConnection(port: port)
        let signer = HMACSHA256(key: ServiceUnderTest.secret)
        var outcome = Outcome()
        for number in 0..<count {
            let body = mutation.body(&random)
            let isForged = Bool.random(using: &random)
            var (wire, isCompressed) = (body, false)
            if Int.random(in: 0..<5, using: &random) == 0 { (wire, isCompressed) = (try Gzip.deflate(body), true) }
            if isForged, isCompressed { wire[Int.random(in: 0..<wire.count, using: &random)] ^= 0x10 }
            let signature = Array(Hex.encode(signer.sign(body)).utf8)
            let request = Self.request(
                wire,
                signature: isForged ? Self.forged(signature, &random) : signature,
                isCompressed: isCompressed
            )
            let status = try connection.exchange(request)
            outcome.statuses[status, default: 0] += 1
            let allowed = Self.statuses(wire: wire.count, inflated: isCompressed ? body.count : nil, isForged)
            if !allowed.contains(status) {
                outcome.surprises.append("delivery \(number) of seed \(random.seed): \(status), not \(allowed)")
            }
            if status == 200 { outcome.accepted.insert(Hex.encode(SHA256.digest(body))) }
        }
        outcome.announcedEnds = connection.announcedEnds
        return outcome
    }

    private static func statuses(wire: Int, inflated: Int?, _ isForged: Bool) -> [Int] {
        if wire > bodyBytes { return [413] }
        // Inflated only if there is a signature to compare, and only as far as it can be.
        if inflated ?? 0 > inflatedBytes { return isForged ? [401, 413] : [413] }
        return isForged ? [401] : [200]
    }

    /// Anything but the right one that a header can hold; `nil` is no header.
    private static func forged(_ signature: [UInt8], _ random: inout SeededRandom) -> [UInt8]? {
        var signature = signature
        let index = Int.random(in: 0..<signature.count, using: &random)
        switch Int.random(in: 0..<7, using: &random) {
        case 0: return nil
        case 1: return []
        case 2: signature.remove(at: index)
        case 3: signature.insert(signature[index], at: index)
        case 4: signature[index] = UInt8.random(in: 0x80...0xFF, using: &random)
        case 5: signature = Array(repeatElement(UInt8(ascii: "a"), count: Int.random(in: 65...8_000, using: &random)))
        default: signature[index] = signature[index] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
        }
        return signature
    }

    private static func request(_ body: [UInt8], signature: [UInt8]?, isCompressed: Bool) -> [UInt8] {
        var head = "POST /api/v1/webhooks/getstream HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.count)\r\n"
        if isCompressed { head += "Content-Encoding: gzip\r\n" }
        let header = signature.map { Array("X-Signature: ".utf8) + $0 + Array("\r\n".utf8) } ?? []
        return Array(head.utf8) + header + Array("\r\n".utf8) + body
    }
}
