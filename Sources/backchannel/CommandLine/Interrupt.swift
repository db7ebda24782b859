import Foundation
import Synchronization

/// The first Ctrl-C asks for an orderly end; a second one ends the process.
enum Interrupt {
    private static let requested = Atomic(false)

    static func watching() -> @Sendable () -> Bool {
        requested.store(false, ordering: .relaxed)  // also makes it exist before a signal handler needs it
        signal(SIGINT) { _ in
            Interrupt.requested.store(true, ordering: .relaxed)
            signal(SIGINT, SIG_DFL)
        }
        return { requested.load(ordering: .relaxed) }
    }
}
