import Foundation
import JSON
import Limits

/// Bodies that are files: one case (`body.json`, perhaps `headers.json` and `body.gz`), a folder of cases, or a folder of bodies.
struct BodyFiles: IndexedEvents {
    private let bodies: [String]
    private let limits: Limits.Replay
    /// The folder holds one file of events instead, a body a line.
    private(set) var lines: LineFile?

    init(file: String, limits: Limits.Replay) {
        bodies = [file]
        self.limits = limits
    }

    init(folder: String, limits: Limits.Replay) throws(ReplayFault) {
        self.limits = limits
        let names = try Self.names(in: folder, limits)
        if names.contains("body.json") {
            bodies = ["\(folder)/body.json"]
        } else if names.contains("events.jsonl") {
            bodies = []
            lines = try LineFile(path: "\(folder)/events.jsonl", limits: limits)
        } else {
            bodies = names.compactMap { name in
                if name.hasSuffix(".json") { return "\(folder)/\(name)" }
                let body = "\(folder)/\(name)/body.json"
                return FileManager.default.fileExists(atPath: body) ? body : nil
            }
            guard !bodies.isEmpty else {
                throw ReplayFault("\(folder): no body.json, events.jsonl, folder of cases or *.json file in it")
            }
        }
    }

    var count: Int { bodies.count }

    func event(at index: Int) throws(ReplayFault) -> SourceEvent {
        let path = bodies[index]
        var event = SourceEvent(body: try Self.contents(of: path, limits))
        if path.hasSuffix("/body.json") || path == "body.json" {
            let folder = String(path.dropLast("body.json".count))
            event.headers = try Self.headers(of: folder + "headers.json", limits)
            if FileManager.default.fileExists(atPath: folder + "body.gz") {
                event.wire = try Self.contents(of: folder + "body.gz", limits)
            }
        }
        return event
    }

    private static func names(in folder: String, _ limits: Limits.Replay) throws(ReplayFault) -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw ReplayFault("\(folder): the folder cannot be read; check its permissions")
        }
        guard names.count <= limits.files else {
            throw ReplayFault("\(folder): more than \(limits.files) files; put the bodies into one file, a line each")
        }
        return names.sorted()
    }

    private static func contents(of path: String, _ limits: Limits.Replay) throws(ReplayFault) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ReplayFault("\(path): the file cannot be read; check its permissions")
        }
        guard data.count <= limits.bodyBytes else {
            throw ReplayFault("\(path): \(data.count) bytes; a body has at most \(limits.bodyBytes)")
        }
        return [UInt8](data)
    }

    /// The provider's further headers, as a JSON object of texts; none when there is no such file.
    private static func headers(
        of path: String,
        _ limits: Limits.Replay
    ) throws(ReplayFault) -> [(name: String, value: String)] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        let bytes = try contents(of: path, limits)
        guard let root = try? JSONParser().parse(bytes), root.kind == .object else {
            throw ReplayFault("\(path): not a JSON object of header names and texts")
        }
        return root.object.compactMap { name, value in value.string.map { (name, $0) } }
    }
}
