import Foundation
import TestSupport
import Testing

/// The local provider against the provider's official Python library, pinned by `scripts/setup-peers`.
struct OfficialLibraryTests {
    @Test func theOfficialLibraryFindsWhatItExpects() async throws {
        let python = try await peerPython()
        let options = ["--minute-limits-only", "--limit", "Unmute=5"]
        let provider = try LocalProviderProcess(options: options)
        try await provider.start()

        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "sdk_driver.py").path
        let secrets = [LocalProviderProcess.apiKey, LocalProviderProcess.secret]
        let driver = try await ChildProcess(python, ["-W", "ignore", script, provider.url] + secrets)
        try await driver.passes(25)
        #expect(await provider.stop() == 0)
    }
}
