import Foundation
import Limits

/// Where the events of a replay come from; opening it decides how they are read.
enum EventInput: Sendable, Equatable {
    case path(String)
    case standardInput
    case generated(EventGenerator)

    /// - Parameter seed: shuffles; standard input can be read only once, in its order.
    func open(shuffle seed: UInt64?, limits: Limits.Replay) throws(ReplayFault) -> any EventSource {
        switch self {
        case .generated(let generator): return OrderedEvents(generator, shuffle: seed)
        case .standardInput:
            guard seed == nil else {
                throw ReplayFault("standard input is read once and cannot be shuffled; write it to a file first")
            }
            return LineStream(descriptor: STDIN_FILENO, name: "standard input", limits: limits)
        case .path(let path): return try Self.open(path, shuffle: seed, limits: limits)
        }
    }

    private static func open(
        _ path: String,
        shuffle seed: UInt64?,
        limits: Limits.Replay
    ) throws(ReplayFault) -> any EventSource {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw ReplayFault("\(path): there is no such file or folder; check the path")
        }
        if isFolder.boolValue {
            let files = try BodyFiles(folder: path, limits: limits)
            if let lines = files.lines { return OrderedEvents(lines, shuffle: seed) }
            return OrderedEvents(files, shuffle: seed)
        }
        if path.hasSuffix(".json") { return OrderedEvents(BodyFiles(file: path, limits: limits), shuffle: seed) }
        return OrderedEvents(try LineFile(path: path, limits: limits), shuffle: seed)
    }
}
