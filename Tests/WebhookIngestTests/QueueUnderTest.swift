import Chat
import Crypto
import Limits
import Synchronization
import Telemetry
import Testing

@testable import WebhookIngest

/// Every implementation of ``EventQueue``, to run one suite over.
enum QueueKind: String, CaseIterable, Sendable { case memory, sqlite }

/// A queue with a clock that stands still until it is moved.
final class QueueUnderTest {
    let queue: any EventQueue
    let clock: ManualClock
    private let folder: TemporaryFolder

    init(
        _ kind: QueueKind,
        limits: Limits.Queue = .forTests,
        folder: TemporaryFolder? = nil,
        clock: ManualClock = ManualClock()
    ) throws {
        let folder = try folder ?? TemporaryFolder()
        self.folder = folder
        self.clock = clock
        switch kind {
        case .memory: queue = MemoryEventQueue(limits: limits, clock: clock.clock)
        case .sqlite:
            queue = try SQLiteEventQueue(folder: folder.path, limits: limits, log: .none, clock: clock.clock)
        }
    }
}

final class ManualClock: Sendable {
    private let elapsed = Mutex(Duration.zero)
    /// The time of day at `elapsed` zero.
    static let epoch = Timestamp(milliseconds: 1_778_235_072_000)

    func advance(by duration: Duration) { elapsed.withLock { $0 += duration } }

    var now: Timestamp {
        let (seconds, attoseconds) = elapsed.withLock { $0.components }
        return Timestamp(nanoseconds: Self.epoch.nanoseconds + seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    var clock: QueueClock {
        QueueClock(now: { self.now }, uptime: { self.elapsed.withLock { $0 } })
    }
}

extension Limits.Queue {
    /// The disk that the tests run on may be nearly full.
    static let forTests = {
        var limits = Limits.Queue()
        limits.freeDiskBytes = 0
        return limits
    }()
}

extension Delivery {
    /// A delivery told apart from others by its number.
    static func sample(_ number: Int, lane: String = "messaging:a", bytes: Int = 40) -> Delivery {
        var body = Array(#"{"number":\#(number),"type":"message.new"}"#.utf8)
        body += [UInt8](repeating: UInt8(ascii: " "), count: max(0, bytes - body.count))
        return Delivery(
            id: EventID(bytes: SHA256.digest(body)),
            type: "message.new",
            lane: lane,
            receivedAt: Timestamp(milliseconds: ManualClock.epoch.milliseconds + Int64(number)),
            body: body,
            signature: SHA256.digest([UInt8(truncatingIfNeeded: number)]),
            apiKey: number % 2 == 0 ? "key" : nil,
            webhookID: number % 3 == 0 ? "id-\(number)" : nil,
            attempt: number % 5 == 0 ? number : nil
        )
    }
}

extension EventQueue {
    func append(_ numbers: ClosedRange<Int>, lane: String = "messaging:a") throws -> [Int64] {
        try append(numbers.map { Delivery.sample($0, lane: lane) })
    }

    func takeAll() throws -> [TakenDelivery] { try take(events: 1_000, bytes: .max) }
    func takeAllSequences() throws -> [Int64] { try takeAll().map(\.sequence) }
}
