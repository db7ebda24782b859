import Limits
import YAML

/// Collects texts from files, and what is wrong with them, until the templates can be made.
struct TemplateReader {
    enum Text: String, CaseIterable {
        case subject, text, html, slack

        var escaping: Template.Escaping {
            switch self {
            case .subject, .text: .none
            case .html: .html
            case .slack: .slack
            }
        }

        /// What follows the template's name in the name of a file of its own.
        var ending: String {
            switch self {
            case .subject: ".subject.txt"
            case .text: ".txt"
            case .html: ".html"
            case .slack: ".slack.txt"
            }
        }
    }

    private struct Collected {
        let first: TemplateFault  // the place where the template begins, for what is missing
        var texts: [Text: Template] = [:]
        /// Texts that were given, also wrong ones.
        var given: Set<Text> = []
    }

    let limits: Limits.Notifications
    var faults: [TemplateFault] = []
    private var collected: [String: Collected] = [:]

    init(limits: Limits.Notifications) { self.limits = limits }

    mutating func read(_ file: TemplateFile) {
        let name = file.name.split(separator: "/").last.map(String.init) ?? file.name
        let text = Text.allCases.sorted { $0.ending.count > $1.ending.count }.first { name.hasSuffix($0.ending) }
        if let text {
            readText(text, of: String(name.dropLast(text.ending.count)), in: file)
        } else if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            readYAML(file)
        } else {
            let allowed = Text.allCases.map { "NAME\($0.ending)" }.joined(separator: ", ")
            refuse(file.name, 1, 1, "not a file of templates; allowed: \(allowed) and FILE.yaml")
        }
    }

    /// Those that are whole; what others lack becomes a fault.
    mutating func templates() -> [String: NotificationTemplate] {
        var templates: [String: NotificationTemplate] = [:]
        for (name, entry) in collected.sorted(by: { $0.key < $1.key }) {
            let missing = [Text.subject, .text].filter { !entry.given.contains($0) }
            if !missing.isEmpty {
                let place = entry.first
                let parts = missing.map(\.rawValue).joined(separator: " and ")
                refuse(place.file, place.line, place.column, "\(name) has no \(parts)")
            }
            guard let subject = entry.texts[.subject], let text = entry.texts[.text] else { continue }
            templates[name] = NotificationTemplate(
                subject: subject,
                text: text,
                html: entry.texts[.html],
                slack: entry.texts[.slack],
                subjectCharacters: limits.subjectCharacters
            )
        }
        return templates
    }

    private mutating func readText(_ text: Text, of name: String, in file: TemplateFile) {
        guard let source = String(validating: file.bytes, as: UTF8.self) else {
            return refuse(file.name, 1, 1, "the file is not UTF-8")
        }
        add(
            text,
            source,
            at: TextOrigin(file: file.name),
            to: name,
            TemplateFault(file: file.name, line: 1, column: 1, "")
        )
    }

    private mutating func readYAML(_ file: TemplateFile) {
        do throws(YAMLError) {
            let document = try YAMLDocument(file.bytes, file: file.name)
            guard !document.root.isNull else { return }
            guard let entries = document.root.mapping else {
                throw document.error(
                    at: document.root.position,
                    "found \(document.root.kind); allowed: NAME: and its texts"
                )
            }
            let lines = String(decoding: file.bytes, as: UTF8.self).split(
                separator: "\n",
                omittingEmptySubsequences: false
            )
            for entry in entries { readTemplate(entry, lines, file.name) }
        } catch {
            refuse(error.file, error.position.line, error.position.column, error.problem)
        }
    }

    private mutating func readTemplate(_ template: YAMLNode.Entry, _ lines: [Substring], _ file: String) {
        let place = template.keyPosition
        guard let texts = template.value.mapping else {
            return refuse(
                file,
                place.line,
                place.column,
                "\(template.key) is \(template.value.kind); allowed: subject, text, html and slack"
            )
        }
        let first = TemplateFault(file: file, line: place.line, column: place.column, "")
        for entry in texts {
            let (line, column) = (entry.keyPosition.line, entry.keyPosition.column)
            guard let text = Text(rawValue: entry.key) else {
                refuse(
                    file,
                    line,
                    column,
                    "\(entry.key) is no text of a template; allowed: subject, text, html and slack"
                )
                continue
            }
            guard let source = entry.value.text else {
                refuse(
                    file,
                    line,
                    column,
                    "\(entry.key) is \(entry.value.kind); allowed: text, best as a block after |"
                )
                continue
            }
            add(text, source, at: TextOrigin(of: entry.value, in: lines, file: file), to: template.key, first)
        }
        if texts.isEmpty { refuse(file, place.line, place.column, "\(template.key) has no subject and text") }
    }

    private mutating func add(
        _ text: Text,
        _ source: String,
        at origin: TextOrigin,
        to name: String,
        _ first: TemplateFault
    ) {
        guard Self.isName(name) else {
            return refuse(first.file, first.line, first.column, "a template's name is made of a to z, 0 to 9 and -")
        }
        var entry = collected[name] ?? Collected(first: first)
        defer { collected[name] = entry }
        guard entry.given.insert(text).inserted else {
            return refuse(
                first.file,
                first.line,
                first.column,
                "\(name) has its \(text.rawValue) twice, first in \(entry.first.file)"
            )
        }
        do throws(TemplateFault) {
            entry.texts[text] = try Template(source, at: origin, escaping: text.escaping, limits: limits)
        } catch {
            faults.append(error)
        }
    }

    private mutating func refuse(_ file: String, _ line: Int, _ column: Int, _ problem: String) {
        faults.append(TemplateFault(file: file, line: line, column: column, problem))
    }

    private static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
            }
    }
}
