import Glibc

/// The data folder for this process alone, until the value is released or the process ends in whatever way.
struct FolderLock: ~Copyable {
    private let descriptor: Int32

    init(folder: String) throws(QueueError) {
        let path = folder + "/queue.lock"
        // Closed on exec: a child process must not keep the folder after our death.
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw QueueError.unavailable("open \(path): \(String(cString: strerror(errno))). Check DATA_DIR's owner.")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw QueueError.inUse(folder)
        }
    }

    // The file stays: removing it would let two processes lock two files of one name.
    deinit { close(descriptor) }
}
