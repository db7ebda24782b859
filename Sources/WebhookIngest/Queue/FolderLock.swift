import Glibc
import Synchronization

/// The data folder for this process alone, until it is released or the process ends in whatever way.
final class FolderLock: Sendable {
    /// -1 once released.
    private let descriptor: Atomic<Int32>

    init(folder: String) throws(QueueError) {
        let path = folder + "/queue.lock"
        // Closed on exec: a child process must not keep the folder after our death.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .unavailable("open \(path): \(String(cString: strerror(errno))). Check DATA_DIR and its owner.")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .inUse(folder)
        }
        self.descriptor = Atomic(descriptor)
    }

    deinit { release() }

    // The file stays: removing it would let two processes lock two files of one name.
    func release() {
        let descriptor = descriptor.exchange(-1, ordering: .acquiringAndReleasing)
        guard descriptor >= 0 else { return }
        // A child that is just being started holds a copy until it executes its program: closing ours would not let go.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
