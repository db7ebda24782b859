import Foundation

extension Thread {
    /// Runs `body` on a new thread, which tools show by the first 15 bytes of `label`.
    static func start(label: String, _ body: @escaping @Sendable () -> Void) {
        Thread.detachNewThread {
            // On Linux the kernel is not told a name that is given before the start.
            Thread.current.name = label
            body()
        }
    }
}
