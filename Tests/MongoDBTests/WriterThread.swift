import Dispatch
import MongoDB
import TestSupport

/// A writer and the one thread at a time it is used on.
///
/// `@unchecked Sendable`: `writer` is only touched on `queue`.
final class WriterThread: @unchecked Sendable {
    private let queue = DispatchQueue(label: "test.writer")
    private let writer: MongoWriter

    init(_ pool: MongoPool) async throws {
        writer = try await Self.open(pool).writer
    }

    func run(_ body: @escaping @Sendable (MongoWriter) throws(MongoError) -> Void) async throws {
        if let error = await attempt(body) { throw error }
    }

    /// What `body` throws, if it does.
    func attempt(_ body: @escaping @Sendable (MongoWriter) throws(MongoError) -> Void) async -> MongoError? {
        await withCheckedContinuation { continuation in
            queue.async {
                do throws(MongoError) {
                    try body(self.writer)
                    continuation.resume(returning: nil)
                } catch {
                    continuation.resume(returning: error)
                }
            }
        }
    }

    /// `@unchecked Sendable`: carries a new writer from the thread that opened it to its owner.
    private struct Carrier: @unchecked Sendable { let writer: MongoWriter }

    private static func open(_ pool: MongoPool) async throws -> Carrier {
        try await blocking { Carrier(writer: try pool.openWriter()) }
    }
}

/// Blocks the calling thread until `stream` ends.
func waitFor(_ stream: AsyncStream<Void>) {
    let ended = DispatchSemaphore(value: 0)
    Task {
        for await _ in stream {}
        ended.signal()
    }
    ended.wait()
}
