import Chat
import Foundation
import History
import WebhookIngest

extension AuditEntry {
    /// Of a command that does not go through the service: entered under the name of the system's user who runs it.
    static func byCommand(
        _ action: String,
        of subject: Subject,
        concerning user: String? = nil,
        details: [String: String] = [:]
    ) -> AuditEntry {
        AuditEntry(
            action,
            of: subject,
            by: .command,
            actor: "os:\(NSUserName())",
            concerning: user,
            details: details,
            at: QueueClock.system.now()
        )
    }
}
