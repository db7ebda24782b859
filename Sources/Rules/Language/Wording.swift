import Spelling
import YAML

/// Text for faults.
enum Wording {
    /// `; did you mean "x"? allowed: x, y`, to follow what was found.
    static func allowed(_ names: [String], for name: String, also: [String: String] = [:]) -> String {
        let meant = also[name.lowercased()] ?? Suggestion.nearest(to: name, among: names)
        let list = listed(names)
        return meant.map { "; did you mean \"\($0)\"? allowed: \(list)" } ?? "; allowed: \(list)"
    }

    /// The names, or the first of many.
    static func listed(_ names: [String], most: Int = 40) -> String {
        guard !names.isEmpty else { return "none, as there is none" }
        let shown = names.prefix(most).joined(separator: ", ")
        return names.count > most ? "\(shown) and \(names.count - most) more" : shown
    }

    /// In quotes, on one line and not too long.
    static func quoted(_ text: String) -> String { "\"\(unquoted(text))\"" }

    /// The same without quotes.
    static func unquoted(_ text: String) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(40) {
            if scalar.properties.isDefaultIgnorableCodePoint || scalar.properties.generalCategory == .control {
                shown.append(contentsOf: "<\(named(scalar))>".unicodeScalars)
            } else {
                shown.append(scalar)
            }
        }
        return String(shown) + (text.unicodeScalars.count > 40 ? "…" : "")
    }

    /// `U+8`.
    static func named(_ scalar: Unicode.Scalar) -> String { "U+\(String(scalar.value, radix: 16, uppercase: true))" }
}

extension YAMLNode {
    /// For a truth value that is written otherwise; empty where it is none.
    var truthAdvice: String {
        guard case .scalar(let scalar) = value else { return "" }
        if !scalar.isPlain, ["true", "false"].contains(scalar.text) { return "write \(scalar.text) without quotes;" }
        return RuleName.truth[scalar.text.lowercased()].map { "did you mean \($0)?" } ?? ""
    }

    /// What was found, for a fault: `"text"`, `a list`, `nothing`.
    var inWords: String {
        guard case .scalar(let scalar) = value else { return kind }
        if isNull { return "nothing" }
        let isQuotedNumber = !scalar.isPlain && Double(scalar.text) != nil
        return (isQuotedNumber ? "the text " : "") + Wording.quoted(scalar.text)
    }

    /// Text as written, whatever it would stand for without quotes; `nil` for nothing, a list or a mapping.
    var written: String? { isNull ? nil : text }
}
