import Spelling

/// Settings from environment variables.
///
/// An empty one counts as not set, as in container files that pass all through.
enum EnvironmentVariables {
    private static let ownPrefixes = ["BACKCHANNEL_", "GETSTREAM_"]

    static func values(of source: ConfigurationSource, _ faults: inout [ConfigurationError.Fault]) -> [FoundValue] {
        var result: [FoundValue] = []
        for (name, text) in source.environment.sorted(by: { $0.key < $1.key }) {
            if let setting = Setting.all.first(where: { $0.name == name || $0.aliases.contains(name) }) {
                guard !text.isEmpty else { continue }
                do throws(SettingProblem) {
                    let content = try content(text, setting.shape)
                    result.append(FoundValue(name: name, place: "environment", content: content))
                } catch {
                    faults.append(.init(place: "environment", problem: "\(name): allowed: \(error.allowed)"))
                }
            } else if name != Setting.fileVariable, ownPrefixes.contains(where: name.hasPrefix) {
                // Other variables belong to other programs; these are meant for us, so a slip must not pass.
                let suggestion = Suggestion.text(for: name, among: Setting.names + [Setting.fileVariable])
                faults.append(.init(place: "environment", problem: "\(name) is not a setting\(suggestion)"))
            }
        }
        return result
    }

    private static func content(_ text: String, _ shape: Setting.Shape) throws(SettingProblem) -> FoundValue.Content {
        switch shape {
        case .text: return .text(text)
        case .list: return .list(items(of: text))
        case .pairs:
            var pairs: [(String, String)] = []
            for item in items(of: text) {
                let parts = item.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2 else { throw SettingProblem("key:secret, separated by commas") }
                pairs.append((String(parts[0]), String(parts[1])))
            }
            return .pairs(pairs)
        case .section: throw SettingProblem("a section of the file that BACKCHANNEL_CONFIG names")
        }
    }

    private static func items(of text: String) -> [String] {
        text.split(separator: ",").map { item in
            let start = item.drop { $0 == " " }
            return String(
                start.prefix(upTo: start.lastIndex { $0 != " " }.map(start.index(after:)) ?? start.startIndex)
            )
        }
    }
}
