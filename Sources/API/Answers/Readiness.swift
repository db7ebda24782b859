import Chat
import Glibc
import History
import JSON
import Limits
import WebhookIngest

/// Whether events can be kept, and how far their way beyond is open.
struct Readiness: Sendable {
    private enum MongoState: String { case up, down, refused }

    private let status: QueueStatus
    private let oldestSeconds: Double?
    /// Why the queue cannot accept.
    private let fault: String?
    private let mongo: MongoState
    private let mongoDetail: String?

    init(_ services: APIServices, now: Timestamp) {
        status = services.queue.status
        oldestSeconds = status.oldest.map { Double(max(0, now.milliseconds - $0.milliseconds)) / 1_000 }
        fault = Self.fault(status, services.limits.queue, services.dataFolder)
        let (history, error) = (services.history, services.history.fault)
        if history.store != nil {
            mongo = history.isReachable ? .up : .down
            mongoDetail = history.isReachable ? nil : "The last use of MongoDB failed; work goes on by itself."
        } else {
            mongo = error.map { $0.isTransient ? .down : .refused } ?? .down
            mongoDetail = error?.description ?? "MongoDB has not been reached yet."
        }
    }

    var isAccepting: Bool { fault == nil }

    func write(to writer: inout JSONWriter) {
        writer.field("accepting", isAccepting)
        if let fault { writer.field("detail", fault) }
        writer.field("queue") {
            $0.object {
                $0.field("rows", status.rows)
                $0.field("bytes", status.bytes)
                $0.field("oldest_seconds", oldestSeconds)
                $0.field("parked", status.parked)
            }
        }
        writer.field("mongodb") {
            $0.object {
                $0.field("state", mongo.rawValue)
                if let mongoDetail { $0.field("detail", mongoDetail) }
            }
        }
    }

    private static func fault(_ status: QueueStatus, _ limits: Limits.Queue, _ folder: String?) -> String? {
        if status.rows >= limits.rows || status.bytes >= limits.bytes { return QueueError.full(status).description }
        guard let folder else { return nil }
        var disk = statvfs()
        guard statvfs(folder, &disk) == 0 else { return nil }
        let free = Int64(disk.f_bavail) * Int64(disk.f_frsize)
        return free < limits.freeDiskBytes ? QueueError.diskFull.description : nil
    }
}
