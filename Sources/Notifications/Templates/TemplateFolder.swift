import Files
package import Limits
package import Templates

/// Templates on disk, read once at start.
package enum TemplateFolder {
    /// The file that `path` names or, when it is a folder, the files in it, in order of their names.
    ///
    /// Hidden files and editors' copies (`…~`) are skipped. Blocking.
    ///
    /// - Throws: ``TemplateFaults`` naming every file that cannot be read or is too large.
    package static func files(
        at path: String,
        limits: Limits.Notifications = Limits.Notifications()
    ) throws(TemplateFaults) -> [TemplateFile] {
        let paths = FolderReader.names(in: path)?.map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
        if let paths, paths.count > limits.templateFiles {
            let problem = "\(paths.count) files; at most \(limits.templateFiles) are allowed"
            throw TemplateFaults(faults: [TemplateFault(file: path, line: 1, column: 1, problem)])
        }
        var (files, faults): ([TemplateFile], [TemplateFault]) = ([], [])
        for path in paths ?? [path] {
            do throws(FolderReader.Unreadable) {
                let bytes = try FolderReader.bytes(of: path, most: limits.templateFileBytes)
                files.append(TemplateFile(name: path, bytes: bytes))
            } catch {
                faults.append(TemplateFault(file: path, line: 1, column: 1, error.problem))
            }
        }
        guard faults.isEmpty else { throw TemplateFaults(faults: faults) }
        return files
    }
}
