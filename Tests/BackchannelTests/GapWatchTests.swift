import Chat
import Foundation
import History
import JSON
import Limits
import Synchronization
import Telemetry
import TestSupport
import Testing
import WebhookIngest

@testable import Backfill
@testable import backchannel

/// Reading back by itself, while events arrive again.
struct GapWatchTests {
    /// A gap's back-fill is interrupted, and the gap goes on: what came after the first one's end is read as well.
    @Test(.timeLimit(.minutes(2))) func theRestOfAnInterruptedGapIsReadToo() async throws {
        try await ProviderAndService.run { stage in
            try await stage.hook()
            try await stage.people()
            try await stage.settled()
            try await stage.call("PATCH", "/app", #"{"event_hooks":[]}"#)
            let context = CommandContext(
                environment: stage.runner.environment,
                print: { _ in },
                complain: { _ in },
                showsProgress: false,
                ask: { _ in nil }
            )
            var configuration = try context.configuration(for: .asking)
            (configuration.limits.backfill.afterGapSeconds, configuration.limits.backfill.leaseSeconds) = (120, 0)
            let location = try HistoryLocation(configuration)
            let history = HistoryHandle { () throws(HistoryError) in try location.attach() }
            let store = BackfillStore(history, limits: configuration.limits, now: QueueClock.system.now)

            let interrupted = QueueClock.system.now()
            func before(_ seconds: Int64) -> Timestamp {
                Timestamp(milliseconds: interrupted.milliseconds - seconds * 1_000)
            }
            try await store.cover(through: before(300))
            let first = BackfillRequest(since: before(360), through: before(1), cause: "gap")
            _ = try await store.begin(first, takesOver: false, resumes: false)
            try await stage.send(["m1"])
            let restarted = QueueClock.system.now()

            let accepted = Mutex<Int64>(0)
            let provider = try configuration.requiredProvider()
            let log = Log(level: .error, write: { _ in })
            let watch = try #require(
                configuration.gapWatch(provider, history, log, Metrics()) {
                    // An event arrives whenever it looks.
                    .init(
                        accepted: accepted.withLock {
                            $0 += 1; return $0
                        },
                        oldest: nil
                    )
                }
            )
            let work = Task { await watch.run() }
            try await eventually { try await store.covered() ?? .distantPast >= restarted }
            work.cancel()
            await work.value
            #expect(try await stage.messageCount(of: "ada") == 1)
            try await stage.expectConsistent()
        }
    }
}
