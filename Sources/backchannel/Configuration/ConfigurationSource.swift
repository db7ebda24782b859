import Foundation
import YAML

/// Where settings come from: the environment, which wins, and at most one file.
struct ConfigurationSource: Sendable {
    var environment: [String: String]
    var file: (name: String, bytes: [UInt8])?

    init(environment: [String: String], file: (name: String, bytes: [UInt8])? = nil) {
        self.environment = environment
        self.file = file
    }

    /// Reads the file that the environment names.
    ///
    /// - Throws: ``ConfigurationError`` when it is named but cannot be read.
    init(environment: [String: String]) throws(ConfigurationError) {
        self.environment = environment
        guard let path = environment[Setting.fileVariable], !path.isEmpty else { return }
        do {
            file = (path, [UInt8](try Data(contentsOf: URL(filePath: path))))
        } catch {
            let reason =
                (error as? CocoaError)?.code == .fileReadNoSuchFile ? "there is no such file" : "cannot be read"
            throw ConfigurationError(faults: [
                .init(place: "environment", problem: "\(Setting.fileVariable)=\(path): \(reason); check the path")
            ])
        }
    }
}

/// A setting's value as it was found, with where.
struct FoundValue: Sendable {
    let name: String
    let place: String
    let content: Content

    enum Content: Sendable, Equatable {
        case text(String)
        case list([String])
        case pairs([(String, String)])
        /// As the file has it, for a setting that is read in more than one step.
        case section(YAMLNode, file: String)

        static func == (left: Self, right: Self) -> Bool {
            switch (left, right) {
            case (.text(let left), .text(let right)): left == right
            case (.list(let left), .list(let right)): left == right
            case (.pairs(let left), .pairs(let right)): left.elementsEqual(right, by: ==)
            case (.section(let left, _), .section(let right, _)): left == right
            default: false
            }
        }
    }
}
