import Synchronization

/// One request and the duty to answer it.
///
/// Released without an answer, it answers 500 by itself.
package final class HTTPExchange: Sendable {
    package let head: HTTPRequestHead
    package let body: [UInt8]

    private let connection: Connection
    private let mailbox: Mailbox
    private let isAnswered = Atomic(false)

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
        guard !isAnswered.exchange(true, ordering: .acquiringAndReleasing) else { return }
        if mailbox.isOwnThread, connection.answerWithinHandler(response) { return }
        mailbox.post(Mailbox.Answer(connection: connection, response: response))
    }

    deinit { respond(.unanswered) }
}
