import Crypto
import Foundation
import Telemetry

/// This node's name among others: made once and kept in the data folder, which one process at a time may use.
enum NodeName {
    private static let byteCount = 8

    static func read(folder: String, _ log: Log) -> String {
        let url = URL(filePath: folder).appending(path: "node-name")
        if let text = try? String(contentsOf: url, encoding: .utf8) {
            let name = text.trimmingCharacters(in: .whitespacesAndNewlines)
            if !name.isEmpty { return name }
        }
        let name = "node-" + Hex.encode((try? Crypto.randomBytes(byteCount)) ?? Array(UUID().uuidString.utf8))
        do {
            try (name + "\n").write(to: url, atomically: true, encoding: .utf8)
        } catch {
            log.warning(
                "noting the node's name failed; after a restart its effects wait until its leases end",
                ["file": .init(url.path)]
            )
        }
        return name
    }
}
