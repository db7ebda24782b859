package import Foundation

extension Thread {
    /// Runs `body` on a new thread, which tools show by the first 15 bytes of `label`.
    package static func start(
        label: String,
        urgency: ThreadUrgency = .usual,
        _ body: @escaping @Sendable () -> Void
    ) {
        Thread.detachNewThread {
            nameThisThread(label)
            urgency.apply()
            body()
        }
    }

    /// Not by `Thread.name`: on Linux that reaches the kernel only if the new thread's handle happens to be known already.
    ///
    /// Source: proc_pid_comm(5).
    private static func nameThisThread(_ label: String) {
        let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }  // a name is worth no failure
        _ = Array(label.utf8.prefix(15)).withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        close(file)
    }
}
