import Synchronization

/// One request and the duty to answer it.
///
/// Released without an answer, it answers 500 by itself.
package final class HTTPExchange: Sendable {
    package let head: HTTPRequestHead
    package let body: [UInt8]

    private enum State {
        /// ``HTTPHandler/handle(_:)`` has not returned.
        case handling
        /// Answered before it returned: no other thread has to be told.
        case answered(HTTPResponse)
        /// It returned without an answer, and the server's thread waits for one.
        case deferred
        case done
    }

    private let connection: Connection
    private let mailbox: Mailbox
    private let state = Mutex(State.handling)

    init(head: HTTPRequestHead, body: [UInt8], connection: Connection, mailbox: Mailbox) {
        self.head = head
        self.body = body
        self.connection = connection
        self.mailbox = mailbox
    }

    /// Answers the request, from any thread; only the first answer counts.
    ///
    /// Cheap when many are answered together: the server's thread is woken once, and sends them all.
    package func respond(_ response: HTTPResponse) {
        let mustPost = state.withLock { state in
            switch state {
            case .handling:
                state = .answered(response)
                return false
            case .deferred:
                state = .done
                return true
            case .answered, .done:
                return false
            }
        }
        if mustPost { mailbox.post(Mailbox.Answer(connection: connection, response: response)) }
    }

    deinit { respond(.unanswered) }

    /// The answer, if there is one by now; otherwise it goes to the mailbox from here on.
    func answerOrDefer() -> HTTPResponse? {
        state.withLock { state in
            if case .answered(let response) = state {
                state = .done
                return response
            }
            state = .deferred
            return nil
        }
    }
}
