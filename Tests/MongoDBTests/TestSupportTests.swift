import Foundation
import TestSupport
import Testing

/// What the other tests rely on to fail when they should.
struct TestSupportTests {
    @Test func aChildsLinesAndExitCodeArrive() async throws {
        let child = try await ChildProcess(
            "/bin/sh",
            ["-c", "echo one; echo two; printf three; echo wrong >&2; exit 7"]
        )
        var lines: [String] = []
        for await line in child.lines { lines.append(line) }
        #expect(lines == ["one", "two", "three"])
        #expect(await child.wait() == 7)
        #expect(await child.wait() == 7)
        #expect(!child.isRunning)
    }

    @Test func aKilledChildSaysWhichSignalEndedIt() async throws {
        let child = try await ChildProcess("/bin/sh", ["-c", "echo ready; exec sleep 3600"])
        try await child.line(containing: "ready")
        #expect(child.isRunning)
        child.send(SIGKILL)
        #expect(await child.wait() == -SIGKILL)
    }

    @Test func aMissingLineIsAnError() async throws {
        let child = try await ChildProcess("/bin/sh", ["-c", "echo no"])
        await #expect(throws: TestFailure.self) { try await child.line(containing: "ready") }
    }

    @Test func theServicesNamesDoNotReachAChild() async throws {
        let environment = ["BACKCHANNEL_MONGOD": "x", "PATH": "/usr/bin:/bin"]
        let child = try await ChildProcess(
            "/bin/sh",
            ["-c", "echo ${BACKCHANNEL_MONGOD:-absent}"],
            environment: environment
        )
        try await child.line(containing: "absent")
    }

    @Test func aTemporaryFolderGoesWithItsOwner() throws {
        var folder: TemporaryFolder? = try TemporaryFolder()
        let path = try #require(folder?.path)
        #expect(FileManager.default.fileExists(atPath: path))
        folder = nil
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func aSeedRepeatsItself() {
        var first = SeededRandom(seed: 1)
        var second = SeededRandom(seed: 1)
        #expect((0..<10).map { _ in first.next() } == (0..<10).map { _ in second.next() })
    }

    @Test func noFixturesIsAnError() {
        #expect(throws: (any Error).self) { try fixtureCases(in: "no-such-folder") }
    }
}
