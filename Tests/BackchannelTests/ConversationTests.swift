import Foundation
import Limits
import TestSupport
import Testing

@testable import backchannel

/// `Fixtures/conversation` and the figures computed from it belong together.
struct ConversationTests {
    @Test func itsFiguresAreUpToDate() async throws {
        let code = try await blocking {
            let process = Process()
            process.executableURL = repositoryRoot.appending(path: "scripts/story-figures")
            process.arguments = ["--check"]
            try process.run()
            process.waitUntilExit()
            return process.terminationStatus
        }
        #expect(code == 0)
    }

    @Test func everyEventIsDifferent() throws {
        let folder = fixturesRoot.appending(path: "conversation").path
        var source = try EventInput.path(folder).open(shuffle: nil, limits: Limits.Replay())
        var bodies: Set<[UInt8]> = []
        while let event = try source.next() { bodies.insert(event.body) }
        #expect(bodies.count == source.count)
        #expect(bodies.count > 200)
    }
}
