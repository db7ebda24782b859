import Dispatch
package import Limits
import Synchronization

/// Sends HTTP(S) requests, several at once, keeping connections open between them.
///
/// libcurl blocks, so each request runs on a thread of Dispatch's, never on Swift's cooperative pool. Redirects are
/// followed only where a request asks for it; certificates are always checked.
package final class HTTPClient: Sendable {
    private let limits: Limits.Client
    private let queue = DispatchQueue(label: "http-client", attributes: .concurrent)
    private let state = Mutex(State())

    private struct State {
        var running = 0
        var waiting: [Job] = []
        /// The one used last comes first: its connection is the likeliest to be still open.
        var idle: [CurlHandle] = []
    }

    private struct Job: Sendable {
        let transfer: Transfer
        let finish: @Sendable (Result<HTTPClientResponse, HTTPClientError>) -> Void
    }

    package init(limits: Limits.Client = Limits.Client()) { self.limits = limits }

    /// Sends one request and waits for the whole answer.
    ///
    /// Cancelling the task ends the request within about a second.
    ///
    /// - Throws: ``HTTPClientError`` when there is no answer; an answer of any status is none.
    package func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        let transfer = Transfer(request, limits: limits)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                submit(Job(transfer: transfer) { continuation.resume(returning: $0) })
            }
        } onCancel: {
            transfer.cancel()
        }
        return try result.get()
    }

    private func submit(_ job: Job) {
        let starts = state.withLock { state in
            guard state.running < limits.concurrent else {
                state.waiting.append(job)
                return false
            }
            state.running += 1
            return true
        }
        if starts { queue.async { self.work(from: job) } }
    }

    /// Performs `job` and then whatever waits.
    private func work(from job: Job) {
        var next: Job? = job
        while let job = next {
            job.finish(perform(job.transfer))
            next = state.withLock { state in
                if !state.waiting.isEmpty { return state.waiting.removeFirst() }
                state.running -= 1
                return nil
            }
        }
    }

    private func perform(_ transfer: Transfer) -> Result<HTTPClientResponse, HTTPClientError> {
        guard !transfer.isCancelled else { return .failure(HTTPClientError(.cancelled, transfer.request, "cancelled")) }
        guard let handle = state.withLock({ $0.idle.popLast() }) ?? CurlHandle() else {
            return .failure(HTTPClientError(.unreachable, transfer.request, "libcurl cannot be initialised"))
        }
        defer { state.withLock { $0.idle.append(handle) } }
        return Result { () throws(HTTPClientError) in try handle.perform(transfer) }
    }
}
