import Limits
import Templates
import YAML

/// The templates of a set, from `templates/NAME.txt`.
struct TemplateCollection {
    private(set) var templates: [String: Template] = [:]
    /// Also of those with faults.
    private(set) var names: Set<String> = []
    private var paths: [String: [ValuePath]] = [:]
    private var needs: [String: [(path: ValuePath, place: RulePlace)]] = [:]

    /// The values that a template names.
    func reads(_ name: String) -> [ValuePath] { paths[name] ?? [] }

    /// The values without which a template cannot be filled, and where it names them.
    func needs(_ name: String) -> [(path: ValuePath, place: RulePlace)] { needs[name] ?? [] }

    mutating func read(_ file: RuleFile, named name: String, _ reading: inout Reading) {
        let start = YAMLPosition(line: 1, column: 1)
        guard RuleName.isName(name) else {
            return reading.refuse(
                start,
                "found \(Wording.quoted(name)) as the name of a template; allowed: a to z, 0 to 9 and -"
            )
        }
        names.insert(name)
        if names.count == reading.limits.templates + 1 {
            reading.refuse(start, "there are more than \(reading.limits.templates) templates, which is the limit")
        }
        guard var source = String(validating: file.bytes, as: UTF8.self) else {
            return reading.refuse(start, "the file is not UTF-8")
        }
        // The last line's end is the file's, not the text's.
        while source.last?.isNewline == true { source.removeLast() }
        guard !reading.checks.foldsToNothing(source) else {
            return reading.refuse(start, "the template is empty; allowed: a text, with {{ listing.status }} for values")
        }
        let (origin, limits) = (TextOrigin(file: file.name), Limits.Notifications())
        let findings = Template.findings(in: source, at: origin, limits: limits)
        for fault in findings.faults where !reading.isFull {
            reading.refuse(YAMLPosition(line: fault.line, column: fault.column), fault.problem)
        }
        for value in findings.names where !reading.isFull {
            let position = YAMLPosition(line: value.line, column: value.column)
            guard let path = reading.path(value.path.joined(separator: "."), at: position) else { continue }
            paths[name, default: []].append(path)
            if value.isNeeded { needs[name, default: []].append((path, reading.place(position))) }
        }
        templates[name] = try? Template(source, at: origin, escaping: .none, limits: limits)
        for brace in SingleBrace.all(in: source) {
            reading.warn(
                brace.position,
                "found \(Wording.quoted("{\(brace.content)}")), which is written as it stands; for the value write two braces: {{ \(brace.path) }}"
            )
        }
    }
}
