import Glibc

/// Small files, read whole and with a bound, as folders that people edit hold them.
package enum FolderReader {
    /// Why something could not be read, in a few words.
    package struct Unreadable: Error, Equatable {
        package let problem: String
    }

    /// The names in a folder, in order, without hidden ones and editors' copies (`…~`); `nil` when it is no folder.
    ///
    /// Blocking.
    package static func names(in path: String) -> [String]? {
        guard let folder = opendir(path) else { return nil }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            )
        }
        return names.filter { !$0.hasPrefix(".") && !$0.hasSuffix("~") }.sorted()
    }

    /// Whether a folder is there.
    package static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether a file is there.
    package static func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// The content of a file of at most `most` bytes.
    ///
    /// Blocking.
    package static func bytes(of path: String, most: Int) throws(Unreadable) -> [UInt8] {
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
