import Chat
import Glibc
import SQLite
import Telemetry

/// The files of a queue in `DATA_DIR`: opened, inspected and, if damaged, set aside.
struct QueueFolder {
    let folder: String
    let log: Log
    let clock: QueueClock

    var path: String { folder + "/queue.sqlite" }
    /// A new file while a damaged one is copied to it; only a complete one is ever renamed.
    private var salvagePath: String { path + ".salvage" }

    /// Opens the queue's file, replacing it first if it is damaged.
    func open() throws(QueueError) -> QueueFile {
        try finishSetAside()
        if exists(path) {
            switch try inspect() {
            case .sound: break
            case .foreign(let reason):
                throw .unavailable("\(path): \(reason). Move the file away, or choose another DATA_DIR.")
            case .damaged(let reason): try replace(because: reason)
            }
        }
        do throws(SQLiteError) { return try QueueFile(path: path) } catch { throw QueueError(error) }
    }

    /// Puts what can be read of the damaged file into a new one and keeps the damaged one under another name.
    ///
    /// No connection may be open.
    func replace(because reason: String) throws(QueueError) {
        log.error(
            "queue: the file is damaged; it is set aside and what can be read is copied",
            ["file": .string(path), "reason": .string(reason)]
        )
        removeSalvage()
        let salvage = try salvaged()
        let aside = try setAside()
        try finishSetAside()
        log.error(
            "queue: goes on with a new file; keep the damaged one, `sqlite3 FILE .recover` may read more of it",
            [
                "damaged": .string(aside), "waiting": .init(salvage.waiting), "parked": .init(salvage.parked),
                "altered": .init(salvage.altered),
            ]
        )
    }

    private func inspect() throws(QueueError) -> QueueInspection.Finding {
        do throws(SQLiteError) { return try QueueInspection.inspect(path) } catch { throw QueueError(error) }
    }

    private func salvaged() throws(QueueError) -> QueueSalvage {
        var salvage = QueueSalvage()
        do throws(SQLiteError) {
            let writer = try QueueFile.openWriter(salvagePath)
            try salvage.copy(from: path, to: writer)
            // Everything into the one file that is renamed: it must not need its log.
            _ = try writer.connection.checkpoint(.truncate)
        } catch {
            throw QueueError(error)
        }
        return salvage
    }

    // MARK: Names

    /// Gives the damaged files their new name, the main one first: while it has its old name, nothing has happened yet.
    private func setAside() throws(QueueError) -> String {
        let aside = "\(path).damaged-\(clock.now().milliseconds)"
        for suffix in ["", "-wal", "-shm"] where exists(path + suffix) {
            try rename(path + suffix, to: aside + suffix)
        }
        return aside
    }

    /// Also completes what a crash interrupted: without the main file, a salvaged one is complete.
    private func finishSetAside() throws(QueueError) {
        guard !exists(path) else { return removeSalvage() }
        // A log without its file must never meet a new one: SQLite would replay it.
        if exists(path + "-wal") { _ = try setAside() }
        guard exists(salvagePath) else { return }
        try rename(salvagePath, to: path)
        syncFolder()
    }

    private func removeSalvage() {
        for suffix in ["", "-wal", "-shm"] { unlink(salvagePath + suffix) }
    }

    private func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private func rename(_ old: String, to new: String) throws(QueueError) {
        guard Glibc.rename(old, new) == 0 else {
            let reason = String(cString: strerror(errno))
            throw .damaged("\(old) could not be set aside as \(new): \(reason). Check who owns DATA_DIR.")
        }
    }

    private func syncFolder() {
        let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
