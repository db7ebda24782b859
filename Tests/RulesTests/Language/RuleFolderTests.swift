import Foundation
import Limits
import Rules
import TestSupport
import Testing

struct RuleFolderTests {
    @Test func findsRulesListsAndTemplates() throws {
        let folder = try Self.folder([
            "b.yaml": "b", "a.yaml": "a", ".hidden.yaml": "x", "a.yaml~": "x", "README.md": "read me",
            "lists/spam.txt": "buy now", "lists/.x.txt": "x", "templates/t.txt": "t", "templates/old/u.txt": "u",
            "more/c.yaml": "c",
        ])
        let files = try RuleFolder.files(at: folder.path)
        #expect(files.map(\.name) == ["README.md", "a.yaml", "b.yaml", "lists/spam.txt", "templates/t.txt"])
        #expect(files.map { String(decoding: $0.bytes, as: UTF8.self) } == ["read me", "a", "b", "buy now", "t"])
        #expect(try RuleFolder.files(at: folder.path + "/") == files)
        let warnings = RuleReader.read(files).warnings.map(\.place.file)
        #expect(warnings.contains("README.md"))
    }

    @Test func whatCannotBeReadIsNamed() throws {
        let folder = try Self.folder(["a.yaml": "12345", "lists/l.txt": "123456789"])
        #expect(mkfifo(folder.path("pipe.yaml"), 0o600) == 0)
        var limits = Limits.Rules()
        (limits.ruleFileBytes, limits.listFileBytes) = (4, 8)
        let error = #expect(throws: RuleFolderError.self) { try RuleFolder.files(at: folder.path, limits: limits) }
        #expect(
            error?.faults.map(\.description) == [
                "a.yaml:1:1: 5 bytes; at most 4 are allowed", "lists/l.txt:1:1: 9 bytes; at most 8 are allowed",
                "pipe.yaml:1:1: not a file; only files are read",
            ]
        )
        limits = Limits.Rules()
        limits.files = 2
        #expect(throws: RuleFolderError.self) { try RuleFolder.files(at: folder.path, limits: limits) }
        #expect(throws: RuleFolderError.self) { try RuleFolder.files(at: folder.path("none")) }
    }

    @Test func theFolderAsAWholeHasALimit() throws {
        let folder = try Self.folder(["a.yaml": "12345", "b.yaml": "12345"])
        var limits = Limits.Rules()
        limits.folderBytes = 9
        let error = #expect(throws: RuleFolderError.self) { try RuleFolder.files(at: folder.path, limits: limits) }
        #expect(error?.faults.map(\.place.file) == ["b.yaml"])
    }

    private static func folder(_ files: [String: String]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (name, text) in files {
            let url = folder.url.appending(path: name)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: url)
        }
        return folder
    }
}
