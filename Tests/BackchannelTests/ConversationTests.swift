import Foundation
import Limits
import TestSupport
import Testing

@testable import backchannel

/// `Fixtures/conversation` and the figures computed from it belong together.
struct ConversationTests {
    @Test func itsFiguresAreUpToDate() async throws {
        let script = repositoryRoot.appending(path: "scripts/story-figures").path
        let check = try await ChildProcess(script, ["--check"])
        let code = await check.wait()
        #expect(code == 0, "\(check.errorOutput)")
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
