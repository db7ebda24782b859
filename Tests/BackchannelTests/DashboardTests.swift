import Foundation
import TestSupport
import Testing

/// The dashboard in a real browser, against the real service: what people see is what the interface answers.
struct DashboardTests {
    @Test(.timeLimit(.minutes(5))) func peopleSeeWhatTheInterfaceAnswers() async throws {
        let service = try ServiceUnderTest(
            mongoURI: try sharedMongoURI(),
            settings: [
                "DASHBOARD_DIR": repositoryRoot.appending(path: "dashboard").path,
                "RULES_DIR": repositoryRoot.appending(path: "rules").path, "EFFECTS": "record",
            ]
        )
        try await service.start()
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "dashboard_driver.py").path
        let story = repositoryRoot.appending(path: "Fixtures/conversation/events.jsonl").path
        let driver = try await ChildProcess(
            "/usr/bin/python3",
            [
                "-B", script, service.url, ServiceUnderTest.adminKey, ServiceUnderTest.apiKey, ServiceUnderTest.secret,
                story,
            ]
        )
        try await driver.passes(30)
        #expect(await service.stop() == 0)
        try await service.dropDatabase()
    }
}
