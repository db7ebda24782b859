import Dispatch

/// Runs blocking work on a thread of its own, so that tests do not stall each other on Swift's few.
package func blocking<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue(label: "test.blocking").async { continuation.resume(with: Result(catching: body)) }
    }
}
