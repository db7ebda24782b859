import Foundation

/// One `--name` of a command, with what it reads.
///
/// Declared once and used for parsing, help and reading: `arguments[SendOptions.rate]` is of the option's own type.
struct CommandOption<Value: Sendable>: Sendable {
    let form: OptionForm
    let fallback: Value
    let read: @Sendable (String) -> Value?

    private init(
        _ form: (name: String, placeholder: String?, standard: String?, summary: String),
        allowed: String,
        isRepeatable: Bool = false,
        fallback: Value,
        read: @escaping @Sendable (String) -> Value?
    ) {
        self.form = OptionForm(
            name: form.name,
            placeholder: form.placeholder,
            standard: form.standard,
            summary: form.summary,
            allowed: allowed,
            isRepeatable: isRepeatable,
            accepts: { read($0) != nil }
        )
        self.fallback = fallback
        self.read = read
    }
}

/// What parsing and help need of an option, whatever it reads.
struct OptionForm: Sendable {
    /// Without the two dashes.
    let name: String
    /// Stands for the value in help; `nil` is a flag, which takes none.
    let placeholder: String?
    /// The default in words; `nil` when there is none to tell.
    let standard: String?
    let summary: String
    /// What a refused value is told.
    let allowed: String
    /// May be given several times.
    let isRepeatable: Bool
    let accepts: @Sendable (String) -> Bool
}

extension CommandOption<Bool> {
    static func flag(_ name: String, _ summary: String) -> Self {
        Self((name, nil, nil, summary), allowed: "no value", fallback: false) { $0 == "true" }
    }
}

extension CommandOption<Int> {
    static func integer(
        _ name: String,
        _ range: ClosedRange<Int>,
        default standard: Int,
        _ summary: String,
        placeholder: String = "N"
    ) -> Self {
        Self(
            (name, placeholder, "\(standard)", summary),
            allowed: "an integer from \(range.lowerBound) to \(range.upperBound)",
            fallback: standard
        ) { Int($0).flatMap { range.contains($0) ? $0 : nil } }
    }
}

extension CommandOption<Int?> {
    static func integer(_ name: String, _ range: ClosedRange<Int>, _ summary: String, placeholder: String = "N") -> Self
    {
        Self(
            (name, placeholder, nil, summary),
            allowed: "an integer from \(range.lowerBound) to \(range.upperBound)",
            fallback: nil
        ) { Int($0).flatMap { range.contains($0) ? .some(.some($0)) : nil } }
    }
}

extension CommandOption<Double> {
    static func number(
        _ name: String,
        _ range: ClosedRange<Double>,
        default standard: Double,
        _ summary: String,
        placeholder: String = "N"
    ) -> Self {
        Self(
            (name, placeholder, standard == standard.rounded() ? "\(Int(standard))" : "\(standard)", summary),
            allowed: "a number from \(Int(range.lowerBound)) to \(Int(range.upperBound))",
            fallback: standard
        ) { Double($0).flatMap { range.contains($0) ? $0 : nil } }
    }
}

extension CommandOption<[String]> {
    /// One that may be given again and again, in order.
    static func texts(
        _ name: String,
        _ placeholder: String,
        allowed: String,
        _ summary: String,
        accepts: @escaping @Sendable (String) -> Bool
    ) -> Self {
        Self((name, placeholder, nil, summary), allowed: allowed, isRepeatable: true, fallback: []) { text in
            let texts = text.components(separatedBy: ParsedArguments.separator)
            return texts.allSatisfy(accepts) ? texts : nil
        }
    }
}

extension CommandOption<String?> {
    /// - Parameter standard: the default in words, where it comes from elsewhere.
    static func text(_ name: String, _ placeholder: String, _ summary: String, standard: String? = nil) -> Self {
        Self((name, placeholder, standard, summary), allowed: "text", fallback: nil) { $0.isEmpty ? nil : .some($0) }
    }
}

extension CommandOption<String> {
    static func text(_ name: String, _ placeholder: String, default standard: String, _ summary: String) -> Self {
        Self((name, placeholder, standard, summary), allowed: "text", fallback: standard) { $0.isEmpty ? nil : $0 }
    }

    static func choice(_ name: String, _ values: [String], default standard: String, _ summary: String) -> Self {
        let list = values.joined(separator: "|")
        return Self((name, list, standard, summary), allowed: "one of \(list)", fallback: standard) {
            values.contains($0) ? $0 : nil
        }
    }
}
