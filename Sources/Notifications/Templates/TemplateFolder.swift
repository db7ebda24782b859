import Glibc
package import Limits

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
        let paths = names(in: path)?.filter { !$0.hasPrefix(".") && !$0.hasSuffix("~") }.sorted()
            .map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
        if let paths, paths.count > limits.templateFiles {
            let problem = "\(paths.count) files; at most \(limits.templateFiles) are allowed"
            throw TemplateFaults(faults: [TemplateFault(file: path, line: 1, column: 1, problem)])
        }
        var (files, faults): ([TemplateFile], [TemplateFault]) = ([], [])
        for path in paths ?? [path] {
            do throws(Unreadable) {
                files.append(TemplateFile(name: path, bytes: try bytes(of: path, most: limits.templateFileBytes)))
            } catch {
                faults.append(TemplateFault(file: path, line: 1, column: 1, error.problem))
            }
        }
        guard faults.isEmpty else { throw TemplateFaults(faults: faults) }
        return files
    }

    private struct Unreadable: Error {
        let problem: String
    }

    /// `nil` when it is no folder.
    private static func names(in path: String) -> [String]? {
        guard let folder = opendir(path) else { return nil }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            )
        }
        return names
    }

    private static func bytes(of path: String, most: Int) throws(Unreadable) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)  // a pipe must not hold up the start
        guard descriptor >= 0 else { throw Unreadable(problem: "cannot be read: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Unreadable(problem: "not a file; only files are read")
        }
        guard status.st_size <= most else {
            throw Unreadable(problem: "\(status.st_size) bytes; at most \(most) are allowed")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var count = 0
        while count < bytes.count {
            let part = bytes.withUnsafeMutableBytes {
                read(descriptor, $0.baseAddress?.advanced(by: count), $0.count - count)
            }
            guard part >= 0 else { throw Unreadable(problem: "cannot be read: \(String(cString: strerror(errno)))") }
            guard part > 0 else { break }
            count += part
        }
        return Array(bytes.prefix(count))
    }
}
