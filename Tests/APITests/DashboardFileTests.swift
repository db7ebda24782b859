import API
import Foundation
import Limits
import TestSupport
import Testing

/// The dashboard's own files: how they are served, and what is not.
struct DashboardFileTests {
    @Test func thePageAndWhatItLoads() async throws {
        try await withDashboard { service in
            for (path, type) in [
                ("/dashboard", "text/html; charset=utf-8"), ("/dashboard/index.html", "text/html; charset=utf-8"),
                ("/dashboard/app.js", "text/javascript; charset=utf-8"),
                ("/dashboard/pages/a.js", "text/javascript; charset=utf-8"),
                ("/dashboard/style.css", "text/css; charset=utf-8"), ("/dashboard/icon.svg", "image/svg+xml"),
                ("/dashboard/chart.js", "text/javascript; charset=utf-8"),
            ] {
                let answer = try await service.send("GET", path, key: nil)
                #expect(answer.status == 200, "\(path)")
                #expect(answer.headers["content-type"] == type, "\(path)")
                #expect(answer.headers["x-content-type-options"] == "nosniff")
                #expect(answer.headers["cache-control"] == "no-cache")
                let policy = try #require(answer.headers["content-security-policy"])
                for rule in ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"] {
                    #expect(policy.contains(rule + ";"), "\(path)")
                }
                #expect(!policy.contains("unsafe"))
            }
            let index = try await service.send("GET", "/", key: nil).decode(JSON.self)
            #expect(index["links"]?["dashboard"] == "/dashboard")
        }
    }

    @Test func nothingElseOfTheDisk() async throws {
        try await withDashboard { service in
            for path in [
                "/dashboard/..%2fsecret.txt", "/dashboard/../secret.txt", "/dashboard/pages/..%2f..%2fsecret.txt",
                "/dashboard/%2e%2e/secret.txt", "/dashboard/notes.txt", "/dashboard/.hidden.js",
                "/dashboard/pages", "/dashboard/", "/dashboard/pages/deep/b.js", "/dashboard/app.js%00",
                "/dashboard//etc/passwd", "/dashboard/%2fetc%2fpasswd",
            ] {
                let answer = try await service.send("GET", path, key: nil)
                #expect([400, 404].contains(answer.status) && !answer.text.contains("not served"), "\(path)")
            }
            let unknown = try await service.send("GET", "/dashboard?x=1", key: nil)
            #expect(unknown.status == 400)
            let otherMethod = try await service.send("POST", "/dashboard", key: nil)
            #expect(otherMethod.status == 405)
        }
    }

    @Test func anUnchangedFileIsNotSentAgain() async throws {
        try await withDashboard { service in
            let first = try await service.send("GET", "/dashboard/app.js", key: nil)
            let tag = try #require(first.headers["etag"])
            #expect(first.headers["content-encoding"] == nil)
            for header in [tag, "\"other\", \(tag)", "*"] {
                let again = try await service.send(
                    "GET",
                    "/dashboard/app.js",
                    key: nil,
                    headers: ["If-None-Match": header]
                )
                #expect(again.status == 304 && again.body.isEmpty && again.headers["etag"] == tag, "\(header)")
            }
            let zipped = try await service.send(
                "GET",
                "/dashboard/app.js",
                key: nil,
                headers: ["Accept-Encoding": "br, gzip;q=0.5"]
            )
            #expect(zipped.status == 200 && zipped.headers["content-encoding"] == "gzip")
            #expect(zipped.body.count < first.body.count && zipped.body.starts(with: [0x1f, 0x8b]))
            for refusing in ["gzip;q=0", "gzip; q=0.000", "identity", "br"] {
                let plain = try await service.send(
                    "GET",
                    "/dashboard/app.js",
                    key: nil,
                    headers: ["Accept-Encoding": refusing]
                )
                #expect(plain.body == first.body, "\(refusing)")
            }
        }
    }

    @Test func withoutAFolderThereIsNone() async throws {
        try await withService { service in
            let answer = try await service.send("GET", "/dashboard", key: nil)
            #expect(answer.status == 404)
            #expect(try answer.problem().detail.contains("DASHBOARD_DIR"))
        }
    }

    @Test func aFolderThatIsNotTheDashboards() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("dashboard")
        #expect(throws: DashboardFiles.Fault.self) { try DashboardFiles(folder: path, charts: "") }
        try Self.write(["notes.txt": "x"], to: path)
        #expect(throws: DashboardFiles.Fault.self) { try DashboardFiles(folder: path, charts: "") }
        try Self.write(["index.html": String(repeating: "x", count: 101)], to: path)
        var limits = Limits.Dashboard()
        limits.fileBytes = 100
        #expect(throws: DashboardFiles.Fault.self) { try DashboardFiles(folder: path, charts: "", limits: limits) }
        limits.fileBytes = 101
        #expect(try !DashboardFiles(folder: path, charts: folder.path("none"), limits: limits).hasCharts)
        limits.files = 1
        #expect(throws: DashboardFiles.Fault.self) { try DashboardFiles(folder: path, charts: "", limits: limits) }
    }

    /// The repository's own, as `make run` serves it.
    @Test func theRepositorysDashboardIsWhole() throws {
        let files = try DashboardFiles(folder: repositoryRoot.appending(path: "dashboard").path, charts: "")
        #expect(!files.hasCharts)
    }

    private func withDashboard(_ body: (TestService) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        try Self.write(["secret.txt": "not served"], to: folder.path("."))
        try Self.write(
            [
                "index.html": "<!doctype html>", "app.js": String(repeating: "// one more line\n", count: 400),
                "style.css": "a {}", "icon.svg": "<svg/>", "notes.txt": "not for browsers", ".hidden.js": "no",
                "pages/a.js": "export {}", "pages/deep/b.js": "too deep",
            ],
            to: folder.path("dashboard")
        )
        try Self.write(["library.js": "globalThis.Chart = 1"], to: folder.path("."))
        var setup = TestService.Setup()
        setup.dashboard.files = try DashboardFiles(
            folder: folder.path("dashboard"),
            charts: folder.path("library.js")
        )
        try await withService(setup, body)
    }

    private static func write(_ files: [String: String], to folder: String) throws {
        for (path, content) in files {
            let file = URL(filePath: folder).appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(content.utf8).write(to: file)
        }
    }
}
