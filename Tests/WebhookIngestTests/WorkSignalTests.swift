import Blocking
import Testing

@testable import WebhookIngest

struct WorkSignalTests {
    /// Alarms that go off at once, while the waiter is still about to lie down.
    @Test(.timeLimit(.minutes(1))) func aShortWaitEndsByItself() async {
        let signal = WorkSignal()
        for _ in 0..<20_000 {
            let looks = Locked(0)
            await signal.wait {
                looks.withLock { looks in
                    looks += 1
                    return looks > 1 ? .work : .wait(atMost: .zero)
                }
            }
        }
    }
}
