import Blocking
import Chat
import HTTPServer

/// An answer that is due: whoever gives it first has given it.
final class PendingAnswer: Sendable {
    let deadline: ContinuousClock.Instant
    private let exchange: Locked<HTTPExchange?>

    init(_ exchange: HTTPExchange, deadline: ContinuousClock.Instant) {
        (self.exchange, self.deadline) = (Locked(exchange), deadline)
    }

    var isGiven: Bool { exchange.withLock { $0 == nil } }

    /// - Returns: whether it was the first.
    @discardableResult
    func give(_ answer: HookAnswer) -> Bool {
        let taken = exchange.withLock { exchange in
            defer { exchange = nil }
            return exchange
        }
        guard let taken else { return false }
        taken.respond(
            HTTPResponse(status: 200, headers: [("Content-Type", "application/json")], body: answer.body)
        )
        return true
    }
}
