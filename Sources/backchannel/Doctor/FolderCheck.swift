import Foundation
import Limits
import Telemetry
import WebhookIngest

/// The data folder: whether it can be written, has room, and holds a sound queue.
struct FolderCheck {
    let configuration: Configuration
    /// A service answers, and so has the folder.
    let isServed: Bool

    func findings() -> [Finding] {
        let path = configuration.dataDirectory
        guard FileManager.default.fileExists(atPath: path) else {
            return [.warn("DATA_DIR", "\(path) is not there yet; 'backchannel serve' makes it at its first start")]
        }
        guard access(path, W_OK | X_OK) == 0 else {
            return [.fail("DATA_DIR", "\(path) cannot be written; give it to the user that runs the service")]
        }
        return [.ok("DATA_DIR", "\(path) can be written"), room(path), queue(path)] + damaged(path)
    }

    private func room(_ path: String) -> Finding {
        var disk = statvfs()
        guard statvfs(path, &disk) == 0 else {
            return .warn("disk", "\(String(cString: strerror(errno))) when asked for its free space")
        }
        let free = Int64(disk.f_bavail) * Int64(disk.f_frsize)
        let limits = configuration.limits.queue
        let text = "\(free / 1_048_576) MiB free under DATA_DIR"
        if free < limits.freeDiskBytes {
            return .fail("disk", "\(text), too little to accept events; free some space")
        }
        // Bodies, their log, and the copies that a checkpoint makes.
        if free < limits.bytes + limits.walBytes {
            let wanted = (limits.bytes + limits.walBytes) / 1_048_576
            return .warn("disk", "\(text); a full queue takes \(wanted) MiB: free some space, or lower QUEUE_BYTES")
        }
        return .ok("disk", text)
    }

    private func queue(_ path: String) -> Finding {
        guard FileManager.default.fileExists(atPath: path + "/queue.sqlite") else {
            return .ok("queue", "no file yet")
        }
        do throws(QueueError) {
            let queue = try SQLiteEventQueue(folder: path, limits: configuration.limits.queue, log: .none)
            defer { queue.close() }
            let status = queue.status
            let text = "\(status.rows) events wait, \(status.parked) are set aside"
            guard status.rows == 0, status.parked == 0 else {
                return .warn("queue", "\(text) and no service works on them; start it")
            }
            return .ok("queue", text)
        } catch {
            guard case .inUse = error else { return .fail("queue", error.description) }
            if isServed { return .ok("queue", "in use by the service") }
            return .warn("queue", "a service uses it that does not answer at HOST:PORT; give its address with --url")
        }
    }

    private func damaged(_ path: String) -> [Finding] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let aside = names.filter { $0.contains(".damaged-") && !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }.sorted()
        return aside.map {
            .warn("queue", "\(path)/\($0) was set aside as damaged; `sqlite3 FILE .recover` may read more of it")
        }
    }
}
