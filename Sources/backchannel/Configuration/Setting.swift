import Spelling

/// One name of the configuration: what it is called, what it takes, and where it goes.
struct Setting: Sendable {
    /// Names the file; only the environment can hold it.
    static let fileVariable = "BACKCHANNEL_CONFIG"

    let name: String
    var aliases: [String] = []
    /// The unit or kind of value, as the documentation's table shows it.
    let unit: String
    /// The default, as the documentation's table shows it.
    let standard: String
    let summary: String
    /// Its value is never repeated in a message.
    var isSecret = false
    var shape = Shape.text
    let assign: @Sendable (FoundValue.Content, inout Configuration) throws(SettingProblem) -> Void

    enum Shape: Sendable {
        case text
        /// In the environment separated by commas.
        case list
        /// In the environment `key:secret`, separated by commas; in the file a mapping.
        case pairs
        /// A mapping of more than one level, in the file alone.
        case section
    }

    /// The row of `docs/configuration.md`.
    var documentation: String {
        let names = ([name] + aliases).map { "`\($0)`" }.joined(separator: ", ")
        return "| \(names) | \(unit) | \(standard.isEmpty ? "–" : "`\(standard)`") | \(summary) |"
    }
}

/// What is wrong with a value, without the value.
struct SettingProblem: Error, Equatable {
    let allowed: String
    /// Faults within a section, each with its own place; then nothing else is said.
    let faults: [ConfigurationError.Fault]

    init(_ allowed: String) { (self.allowed, faults) = (allowed, []) }
    init(_ faults: [ConfigurationError.Fault]) { (allowed, self.faults) = ("", faults) }
}

/// `Sendable` key paths, as a setting's closure needs them.
typealias Place<Value> = any WritableKeyPath<Configuration, Value> & Sendable

extension Setting {
    /// Text that `check` accepts.
    static func text(
        _ name: String,
        _ place: Place<String>,
        unit: String = "text",
        _ summary: String,
        check: @escaping @Sendable (String) throws(SettingProblem) -> Void = { _ throws(SettingProblem) in }
    ) -> Setting {
        Setting(name: name, unit: unit, standard: Configuration()[keyPath: place], summary: summary) {
            content,
            configuration throws(SettingProblem) in
            let text = try content.single()
            try check(text)
            configuration[keyPath: place] = text
        }
    }

    static func optional(
        _ name: String,
        aliases: [String] = [],
        _ place: Place<String?>,
        unit: String = "text",
        _ summary: String
    ) -> Setting {
        Setting(name: name, aliases: aliases, unit: unit, standard: "", summary: summary) {
            content,
            configuration throws(SettingProblem) in
            let text = try content.single()
            try SettingCheck.word(text)
            configuration[keyPath: place] = text
        }
    }

    static func secret(
        _ name: String,
        aliases: [String] = [],
        _ place: Place<Secret?>,
        unit: String = "secret",
        _ summary: String,
        check: @escaping @Sendable (String) throws(SettingProblem) -> Void = SettingCheck.word
    ) -> Setting {
        Setting(name: name, aliases: aliases, unit: unit, standard: "", summary: summary, isSecret: true) {
            content,
            configuration throws(SettingProblem) in
            let text = try content.single()
            try check(text)
            configuration[keyPath: place] = Secret(text)
        }
    }

    static func integer<Value: FixedWidthInteger & Sendable>(
        _ name: String,
        _ place: Place<Value>,
        _ range: ClosedRange<Int>,
        unit: String,
        _ summary: String
    ) -> Setting {
        Setting(name: name, unit: unit, standard: "\(Configuration()[keyPath: place])", summary: summary) {
            content,
            configuration throws(SettingProblem) in
            guard let value = Int(try content.single()), range.contains(value) else {
                throw SettingProblem("an integer from \(range.lowerBound) to \(range.upperBound) (\(unit))")
            }
            configuration[keyPath: place] = Value(value)
        }
    }

    static func bytes<Value: FixedWidthInteger & Sendable>(
        _ name: String,
        _ place: Place<Value>,
        _ range: ClosedRange<Int64>,
        _ summary: String
    ) -> Setting {
        let standard = ByteSize.text(Int64(Configuration()[keyPath: place]))
        return Setting(name: name, unit: "bytes", standard: standard, summary: summary) {
            content,
            configuration throws(SettingProblem) in
            guard let value = ByteSize.parse(try content.single()), range.contains(value) else {
                let (least, most) = (ByteSize.text(range.lowerBound), ByteSize.text(range.upperBound))
                throw SettingProblem("a size from \(least) to \(most), such as 64MB or 1GiB")
            }
            configuration[keyPath: place] = Value(value)
        }
    }

    static func choice<Value: RawRepresentable & CaseIterable & Sendable>(
        _ name: String,
        _ place: Place<Value>,
        _ summary: String
    ) -> Setting where Value.RawValue == String {
        let names = Value.allCases.map(\.rawValue)
        let standard = Configuration()[keyPath: place].rawValue
        return Setting(name: name, unit: names.joined(separator: ", "), standard: standard, summary: summary) {
            content,
            configuration throws(SettingProblem) in
            let text = try content.single()
            guard let value = Value(rawValue: text) else {
                throw SettingProblem(names.joined(separator: " or ") + Suggestion.text(for: text, among: names))
            }
            configuration[keyPath: place] = value
        }
    }

    static func list(
        _ name: String,
        _ place: Place<[String]>,
        unit: String,
        _ summary: String,
        check: @escaping @Sendable (String) throws(SettingProblem) -> Void
    ) -> Setting {
        let standard = Configuration()[keyPath: place].joined(separator: ",")
        return Setting(name: name, unit: unit, standard: standard, summary: summary, shape: .list) {
            content,
            configuration throws(SettingProblem) in
            guard case .list(let items) = content, !items.isEmpty else { throw SettingProblem("a list of texts") }
            for item in items { try check(item) }
            configuration[keyPath: place] = items
        }
    }
}

extension FoundValue.Content {
    func single() throws(SettingProblem) -> String {
        guard case .text(let text) = self else { throw SettingProblem("one text or number") }
        return text
    }
}
