import Blocking
package import Limits

/// Sends HTTP(S) requests, several at once, keeping connections open between them.
///
/// libcurl blocks, so each request runs on a thread of a pool, never on Swift's cooperative one. Redirects are followed only
/// where a request asks for it; certificates are always checked.
package final class HTTPClient: Sendable {
    private let limits: Limits.Client
    private let pool: BlockingPool
    /// The one used last comes first: its connection is the likeliest to be still open.
    private let idle = Locked<[CurlHandle]>([])

    package init(limits: Limits.Client = Limits.Client()) {
        self.limits = limits
        pool = BlockingPool(label: "http-client", threads: limits.concurrent)
    }

    /// Sends one request and waits for the whole answer.
    ///
    /// Cancelling the task ends the request within about a second.
    ///
    /// - Throws: ``HTTPClientError`` when there is no answer; an answer of any status is none.
    package func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        let transfer = Transfer(request, limits: limits)
        let result = await withTaskCancellationHandler {
            await pool.run { self.perform(transfer) }
        } onCancel: {
            transfer.cancel()
        }
        return try result.get()
    }

    private func perform(_ transfer: Transfer) -> Result<HTTPClientResponse, HTTPClientError> {
        guard !transfer.isCancelled else { return .failure(HTTPClientError(.cancelled, transfer.request, "cancelled")) }
        guard let handle = idle.withLock({ $0.popLast() }) ?? CurlHandle() else {
            return .failure(HTTPClientError(.unreachable, transfer.request, "libcurl cannot be initialised"))
        }
        defer { idle.withLock { $0.append(handle) } }
        return Result { () throws(HTTPClientError) in try handle.perform(transfer) }
    }
}
