import Foundation
import TestSupport

/// A script beside the tests.
func scriptPath(_ name: String) -> String { repositoryRoot.appending(path: "Tests/NotificationsTests/\(name)").path }

/// Has Python's own library read mails.
func parsed(_ mails: [[UInt8]]) async throws -> [ReceivedMail] {
    let folder = try TemporaryFolder()
    let lines = mails.map { Data($0).base64EncodedString() }.joined(separator: "\n")
    try Data(lines.utf8).write(to: folder.url.appending(path: "mails"))
    let process = try await ChildProcess(
        try await peerPython(),
        [MailPeer.script, "parse", folder.path("mails")]
    )
    var received: [ReceivedMail] = []
    for await line in process.lines {
        received.append(try JSONDecoder().decode(ReceivedMail.self, from: Data(line.utf8)))
    }
    guard await process.wait() == 0 else { throw TestFailure(await process.wholeErrorOutput()) }
    return received
}
