import Limits
import Templates
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

    fileprivate struct Place {
        let file: String
        var line = 1
        var column = 1
    }

    private struct Collected {
        /// Where the template begins.
        let first: Place
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
            refuse(Place(file: file.name), "not a file of templates; allowed: \(allowed) and FILE.yaml")
        }
    }

    /// Those that are whole; what others lack becomes a fault.
    mutating func templates() -> [String: NotificationTemplate] {
        var templates: [String: NotificationTemplate] = [:]
        for (name, entry) in collected.sorted(by: { $0.key < $1.key }) {
            let missing = [Text.subject, .text].filter { !entry.given.contains($0) }.map(\.rawValue)
            if !missing.isEmpty { refuse(entry.first, "\(name) has no \(missing.joined(separator: " and "))") }
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
            return refuse(Place(file: file.name), "the file is not UTF-8")
        }
        guard claim(text, of: name, Place(file: file.name)) else { return }
        add(text, source, at: TextOrigin(file: file.name), to: name)
    }

    private mutating func readYAML(_ file: TemplateFile) {
        do throws(YAMLError) {
            let document = try YAMLDocument(file.bytes, file: file.name)
            guard !document.root.isNull else { return }
            guard let entries = document.root.mapping else {
                let problem = "found \(document.root.kind); allowed: NAME: and its texts"
                throw document.error(at: document.root.position, problem)
            }
            let source = String(decoding: file.bytes, as: UTF8.self)
            let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
            for entry in entries { readTemplate(entry, lines, file.name) }
        } catch {
            refuse(Place(file.name, error.position), error.problem)
        }
    }

    private mutating func readTemplate(_ template: YAMLNode.Entry, _ lines: [Substring], _ file: String) {
        let first = Place(file, template.keyPosition)
        guard let texts = template.value.mapping, !texts.isEmpty else {
            return refuse(first, "\(template.key) is \(template.value.kind); allowed: subject, text, html and slack")
        }
        for entry in texts {
            let place = Place(file, entry.keyPosition)
            guard let text = Text(rawValue: entry.key) else {
                refuse(place, "\(entry.key) is no text of a template; allowed: subject, text, html and slack")
                continue
            }
            guard claim(text, of: template.key, first) else { continue }
            guard let source = entry.value.text else {
                refuse(place, "\(entry.key) is \(entry.value.kind); allowed: text, best as a block after |")
                continue
            }
            add(text, source, at: TextOrigin(of: entry.value, in: lines, file: file), to: template.key)
        }
    }

    /// Notes that a text is given; false when it may not be.
    private mutating func claim(_ text: Text, of name: String, _ first: Place) -> Bool {
        guard Self.isName(name) else {
            refuse(first, "a template's name is made of a to z, 0 to 9 and -")
            return false
        }
        var entry = collected[name] ?? Collected(first: first)
        defer { collected[name] = entry }
        guard entry.given.insert(text).inserted else {
            refuse(first, "\(name) has its \(text.rawValue) twice, first in \(entry.first.file)")
            return false
        }
        return true
    }

    private mutating func add(_ text: Text, _ source: String, at origin: TextOrigin, to name: String) {
        do throws(TemplateFault) {
            collected[name]?.texts[text] = try Template(source, at: origin, escaping: text.escaping, limits: limits)
        } catch {
            faults.append(error)
        }
    }

    private mutating func refuse(_ place: Place, _ problem: String) {
        faults.append(TemplateFault(file: place.file, line: place.line, column: place.column, problem))
    }

    private static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
            }
    }
}

extension TemplateReader.Place {
    fileprivate init(_ file: String, _ position: YAMLPosition) {
        self.init(file: file, line: position.line, column: position.column)
    }
}
