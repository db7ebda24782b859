import Foundation
import HTTPServer
import TestSupport
import Testing

/// The interface against its own description, asked by a program that knows nothing else of it: schemathesis, from PyPI.
struct SchemathesisTests {
    /// It does not end.
    private static let passedOver = ["/api/v1/live"]

    /// `SCHEMATHESIS_SECONDS` (8) sets how long.
    @Test func noAnswerIsUnexpected() async throws {
        let seconds = ProcessInfo.processInfo.environment["SCHEMATHESIS_SECONDS"] ?? "8"
        try await withService(try TokenTests.setup()) { service in
            try await service.store([Story.message("m-2041"), Story.message("m-2042", by: "bob")])
            let folder = try TemporaryFolder()
            let arguments =
                [
                    "-c", "from schemathesis.cli import schemathesis; schemathesis()", "run",
                    "http://127.0.0.1:\(service.server.port)/openapi.json",
                    "--no-color", "--header", "Authorization: Bearer \(TestService.adminKey)",
                    "--checks",
                    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
                    "--phases", "examples,coverage,fuzzing", "--max-time", seconds, "--request-timeout", "20",
                    "--generation-database", "none", "--continue-on-failure",
                    // It passes over ids with slashes, of which it may make too many for its liking: that is not about our answers.
                    "--suppress-health-check", "filter_too_much",
                ] + Self.passedOver.flatMap { ["--exclude-path", $0] }
            let run = try await ChildProcess(try await peerPython(), arguments, directory: folder.url)
            var lines: [String] = []
            for await line in run.lines { lines.append(line) }
            let status = await run.wait()
            let errors = await run.wholeErrorOutput()
            #expect(status == 0, "\(lines.joined(separator: "\n"))\n\(errors)")
            #expect(lines.contains { $0.contains("generated") && $0.contains("passed") && !$0.contains("failed") })
        }
    }
}
