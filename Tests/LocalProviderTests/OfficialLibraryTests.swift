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
        var results: [String] = []
        for await line in driver.lines { results.append(line) }
        let exitCode = await driver.wait()

        let failures = results.filter { !$0.hasPrefix("ok ") }
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
        let complaints = await driver.wholeErrorOutput()
        #expect(exitCode == 0, "\(complaints)")
        #expect(results.count == Self.scenarioCount)
        #expect(await provider.stop() == 0)
    }

    /// As many as the driver has: one that ends early must not pass.
    private static let scenarioCount = 25
}
