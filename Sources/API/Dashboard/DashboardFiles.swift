import Files
package import Limits

/// The files of the dashboard, read once.
///
/// No path of a request ever reaches the disk, and what is served cannot change under way.
package struct DashboardFiles: Sendable {
    struct File: Sendable {
        let type: String
        let body: [UInt8]
    }

    /// Why the dashboard cannot be served.
    package struct Fault: Error, CustomStringConvertible {
        package let description: String
    }

    /// What the page is called in the folder.
    static let page = "index.html"
    /// What the charts' library is called in the page, wherever the system keeps it.
    static let charts = "chart.js"

    /// By their paths below the folder: `app.js`, `pages/people.js`.
    private let files: [String: File]

    /// Reads a folder, and folders in it one deep; blocks.
    ///
    /// - Parameter charts: the file of Chart.js. Without it tables stand in for charts.
    package init(
        folder: String,
        charts: String,
        limits: Limits.Dashboard = Limits.Dashboard()
    ) throws(Fault) {
        var paths = try Self.paths(in: folder, below: "", limits)
        guard paths.contains(Self.page) else {
            throw Fault(description: "the folder \(folder) has no \(Self.page), so it is not the dashboard's")
        }
        paths.removeAll { Self.type(of: $0) == nil }
        var files: [String: File] = [:]
        for path in paths { files[path] = try Self.read("\(folder)/\(path)", as: path, limits) }
        if FolderReader.isFile(charts) { files[Self.charts] = try Self.read(charts, as: Self.charts, limits) }
        self.files = files
    }

    subscript(path: String) -> File? { files[path] }

    /// Whether charts can be drawn.
    package var hasCharts: Bool { files[Self.charts] != nil }

    // MARK: Parts

    private static func paths(
        in folder: String,
        below prefix: String,
        _ limits: Limits.Dashboard
    ) throws(Fault) -> [String] {
        guard let names = FolderReader.names(in: folder) else {
            throw Fault(description: "the folder \(folder) cannot be read")
        }
        var paths: [String] = []
        for name in names {
            let path = "\(folder)/\(name)"
            if FolderReader.isFile(path) { paths.append(prefix + name) }
            guard prefix.isEmpty, FolderReader.isFolder(path) else { continue }
            paths += try Self.paths(in: path, below: "\(name)/", limits)
        }
        guard paths.count <= limits.files else {
            throw Fault(description: "the folder \(folder) holds more than \(limits.files) files")
        }
        return paths
    }

    private static func read(_ file: String, as path: String, _ limits: Limits.Dashboard) throws(Fault) -> File {
        let body: [UInt8]
        do throws(FolderReader.Unreadable) {
            body = try FolderReader.bytes(of: file, most: limits.fileBytes)
        } catch {
            throw Fault(description: "the file \(file): \(error.problem)")
        }
        return File(type: type(of: path) ?? "application/octet-stream", body: body)
    }

    /// `nil` for what a page has no use for.
    private static func type(of path: String) -> String? {
        let types = [
            ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
            ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
        ]
        return types.first { path.hasSuffix($0.key) }?.value
    }
}
