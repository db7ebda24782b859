import Foundation

/// The Python that has the servers and libraries of others which tests talk to.
///
/// - Throws: when it is not there and cannot be fetched. No test passes because the other side was missing.
package func peerPython() async throws -> String { try await peers.value }

private let peers = Task {
    let script = try await ChildProcess(repositoryRoot.appending(path: "scripts/setup-peers").path)
    var path: String?
    for await line in script.lines { path = line }
    guard await script.wait() == 0, let path else {
        throw TestFailure("scripts/setup-peers: \(await script.wholeErrorOutput())")
    }
    return path
}
