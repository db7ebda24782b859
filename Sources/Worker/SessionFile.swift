import Crypto
import Foundation
import Telemetry

/// The ids of the MongoDB sessions in use, one in hex a line: after a crash they are ended first, because a transaction
/// left open would lock its documents for about a minute.
struct SessionFile {
    private let url: URL

    init(folder: String) { url = URL(filePath: folder).appending(path: "mongo-sessions") }

    /// Empty where there is none, as after a clean first start.
    func read() -> [[UInt8]] {
        guard let text = try? String(contentsOf: url, encoding: .utf8) else { return [] }
        return text.split(separator: "\n").compactMap { Hex.decode(String($0)) }
    }

    func write(_ ids: [[UInt8]], _ log: Log) {
        do {
            try ids.map { Hex.encode($0) + "\n" }.joined().write(to: url, atomically: true, encoding: .utf8)
        } catch {
            log.warning(
                "noting the MongoDB session failed; after a crash storing may wait a minute",
                ["file": .init(url.path)]
            )
        }
    }
}
