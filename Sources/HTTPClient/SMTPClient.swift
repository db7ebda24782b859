import Blocking
package import Limits

/// Hands mails to one server, several at once, keeping connections open between them.
///
/// libcurl blocks, so each mail is sent on a thread of a pool, never on Swift's cooperative one. Source: RFC 5321.
package final class SMTPClient: Sendable {
    package let server: SMTPServer
    private let limits: Limits.SMTP
    private let pool: BlockingPool
    /// The one used last comes first: its connection is the likeliest to be still open.
    private let idle = Locked<[SMTPHandle]>([])

    package init(server: SMTPServer, limits: Limits.SMTP = Limits.SMTP()) {
        self.server = server
        self.limits = limits
        pool = BlockingPool(label: "smtp-client", threads: limits.connections)
    }

    /// Sends one mail and waits until the server has taken it for all recipients; one that it refuses refuses the mail.
    ///
    /// The protocol knows no "once": after an error with ``SMTPError/mayHaveBeenSent`` another attempt may deliver it twice.
    /// Cancelling the task ends the attempt within about a second.
    package func send(_ mail: SMTPMail) async throws(SMTPError) -> SMTPReply {
        if let problem = mail.problem(mostRecipients: limits.recipients, mostBytes: limits.mailBytes) {
            throw SMTPError(.invalidMail, server, problem)
        }
        let transfer = SMTPTransfer(mail)
        let result = await withTaskCancellationHandler {
            await pool.run { self.perform(transfer) }
        } onCancel: {
            transfer.cancel()
        }
        return try result.get()
    }

    private func perform(_ transfer: SMTPTransfer) -> Result<SMTPReply, SMTPError> {
        guard !transfer.isCancelled else { return .failure(SMTPError(.cancelled, server, "cancelled")) }
        guard let handle = idle.withLock({ $0.popLast() }) ?? SMTPHandle() else {
            return .failure(SMTPError(.temporary, server, "libcurl cannot be initialised"))
        }
        defer { idle.withLock { $0.append(handle) } }
        return Result { () throws(SMTPError) in try handle.perform(transfer, server, limits) }
    }
}
