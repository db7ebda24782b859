import Foundation
import Synchronization

/// The first SIGINT or SIGTERM asks for an orderly end; a second of its kind ends the process at once.
///
/// Not by dispatch sources: those have the signal ignored first and listen for it a moment later, and one that comes in
/// between is lost, so that the process never ends.
package enum TerminationSignals {
    /// Calls `onFirst` at the first signal from now on.
    ///
    /// On a thread of its own; once in a process, for as long as that lives.
    package static func watch(onFirst: @escaping @Sendable () -> Void) {
        var ends: [Int32] = [0, 0]
        precondition(pipe(&ends) == 0, "no descriptor is left for a pipe: raise 'ulimit -n'")
        let heard = ends[0]
        wake.store(ends[1], ordering: .releasing)
        Thread.start(label: "signals") {
            var byte: UInt8 = 0
            while read(heard, &byte, 1) < 0, errno == EINTR {}
            onFirst()
        }
        for number in [SIGINT, SIGTERM] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = wakeFromHandler
            action.sa_flags = SA_RESTART | Int32(bitPattern: UInt32(SA_RESETHAND))
            sigaction(number, &action, nil)
        }
    }

    /// Written to by the handler; made by ``watch(onFirst:)``, so that no handler is the first to touch it.
    private static let wake = Atomic<Int32>(-1)

    /// Does what a signal handler may: source signal-safety(7).
    private static let wakeFromHandler: @convention(c) (Int32) -> Void = { _ in
        let before = errno
        var byte: UInt8 = 1
        write(wake.load(ordering: .acquiring), &byte, 1)
        errno = before
    }
}
