import Files
package import Limits

/// Why a folder of rules could not be read from disk: every file that cannot be.
package struct RuleFolderError: Error, Equatable, CustomStringConvertible {
    package let faults: [RuleFault]

    package init(_ faults: [RuleFault]) { self.faults = faults }

    package var description: String {
        "the folder of rules cannot be read:\n" + faults.map { "  \($0)" }.joined(separator: "\n")
    }
}

/// Rule files on disk: the one place of the rules that touches the outside.
package enum RuleFolder {
    /// The folders below it that are looked into.
    private static let subfolders = ["lists", "templates"]

    /// The files of a folder, and of `lists` and `templates` in it, by their names within it, in order.
    ///
    /// Hidden files and editors' copies (`…~`) are skipped, and so are other folders. Blocking.
    ///
    /// - Throws: ``RuleFolderError`` naming everything that cannot be read or is too large.
    package static func files(at path: String, limits: Limits.Rules = Limits.Rules()) throws(RuleFolderError)
        -> [RuleFile]
    {
        let root = path.hasSuffix("/") ? path : "\(path)/"
        guard let top = FolderReader.names(in: root) else {
            if FolderReader.isFile(path) {
                throw RuleFolderError([fault(path, "this is a file; name its folder, whose files are read together")])
            }
            throw RuleFolderError([
                fault(path, "no folder, or one that cannot be opened; name the folder that holds the rule files")
            ])
        }
        var names = top.filter { !FolderReader.isFolder(root + $0) }
        for folder in subfolders where top.contains(folder) && FolderReader.isFolder(root + folder) {
            guard let inner = FolderReader.names(in: root + folder) else {
                throw RuleFolderError([fault(folder, "cannot be opened")])
            }
            names += inner.map { "\(folder)/\($0)" }.filter { !FolderReader.isFolder(root + $0) }
        }
        guard names.count <= limits.files else {
            throw RuleFolderError([fault(path, "\(names.count) files; at most \(limits.files) are allowed")])
        }
        return try read(names.sorted(), in: root, limits)
    }

    private static func read(
        _ names: [String],
        in root: String,
        _ limits: Limits.Rules
    ) throws(RuleFolderError) -> [RuleFile] {
        var (files, faults, left): ([RuleFile], [RuleFault], Int) = ([], [], limits.folderBytes)
        for name in names {
            let most = name.hasPrefix("lists/") ? limits.listFileBytes : limits.ruleFileBytes
            do throws(FolderReader.Unreadable) {
                let bytes = try FolderReader.bytes(of: root + name, most: min(most, max(left, 0)))
                left -= bytes.count
                files.append(RuleFile(name: name, bytes: bytes))
            } catch {
                faults.append(fault(name, error.problem))
            }
        }
        guard faults.isEmpty else { throw RuleFolderError(faults) }
        return files
    }

    private static func fault(_ file: String, _ problem: String) -> RuleFault {
        RuleFault(at: RulePlace(file: file, line: 1, column: 1), problem)
    }
}
