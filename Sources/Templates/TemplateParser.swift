import Limits
import Spelling

/// Reads a template's source once, from its first character to its last.
struct TemplateParser {
    /// A condition whose end is still to come.
    private struct Open {
        /// Empty where it could not be read.
        let path: [String]
        let line: Int
        let column: Int
        var then: [Template.Part] = []
        var isElse = false
        /// What was read before it.
        let before: [Template.Part]
    }

    private var scanner: TemplateScanner
    private let limits: Limits.Notifications
    private var parts: [Template.Part] = []
    private var open: [Open] = []
    private var count = 0
    /// Every path, with where it stands.
    private(set) var names: [TemplateName] = []
    /// What is wrong: after a fault within a tag reading goes on behind it.
    private(set) var faults: [TemplateFault] = []

    init(_ source: String, at origin: TextOrigin, limits: Limits.Notifications) {
        scanner = TemplateScanner(source, at: origin)
        self.limits = limits
    }

    /// - Throws: the first fault.
    mutating func parse() throws(TemplateFault) -> [Template.Part] {
        let parts = read()
        if let first = faults.first { throw first }
        return parts
    }

    /// What could be read; ``faults`` has the rest.
    mutating func read() -> [Template.Part] {
        guard scanner.bytes <= limits.templateBytes else {
            let most = limits.templateBytes
            faults = [scanner.fault("the template has \(scanner.bytes) bytes; at most \(most) are allowed")]
            return []
        }
        while !scanner.isAtEnd {
            let text = scanner.text()
            let start = scanner
            do throws(TemplateFault) {
                if !text.isEmpty { try add(.text(text)) }
                if !scanner.isAtEnd { try tag() }
            } catch {
                faults.append(error)
                guard count <= limits.templateParts, faults.count < limits.templateParts else { return parts }
                recover(from: start)
            }
        }
        if let left = open.last, !left.path.isEmpty {
            faults.append(scanner.origin.fault(line: left.line, column: left.column, "this condition has no {{/ if }}"))
        }
        return parts
    }

    /// Goes on behind a tag that is wrong; a condition that it begins or ends is still begun or ended.
    private mutating func recover(from start: TemplateScanner) {
        var tag = start
        do throws(TemplateFault) { try tag.openTag() } catch { return scanner.skipTag() }
        if tag.skip("#") {
            open.append(Open(path: [], line: start.line, column: start.column, before: parts))
            parts = []
        } else if tag.skip("/"), let condition = open.popLast() {
            parts = condition.before
        }
        scanner.skipTag()
    }

    private mutating func tag() throws(TemplateFault) {
        let (line, column) = (scanner.line, scanner.column)
        let fault = { (origin: TextOrigin, problem: String) in origin.fault(line: line, column: column, problem) }
        let isAlone = scanner.isTagAlone
        try scanner.openTag()
        if scanner.skip("#") {
            try scanner.word("if", "after {{# comes if")
            let path = try path()
            try scanner.closeTag()
            guard open.count < limits.templateDepth else {
                throw fault(scanner.origin, "more than \(limits.templateDepth) conditions within one another")
            }
            open.append(Open(path: path, line: line, column: column, before: parts))
            parts = []
        } else if scanner.skip("/") {
            try scanner.word("if", "after {{/ comes if")
            try scanner.closeTag()
            guard let condition = open.popLast() else {
                throw fault(scanner.origin, "there is no condition to end here")
            }
            let (then, otherwise) = condition.isElse ? (condition.then, parts) : (parts, [])
            parts = condition.before
            try add(.condition(path: condition.path, then: then, otherwise: otherwise))
        } else if scanner.skip(keyword: "else") {
            try scanner.closeTag()
            guard let last = open.indices.last, !open[last].isElse else {
                throw fault(scanner.origin, "there is no condition here, or it has an {{ else }} already")
            }
            (open[last].then, open[last].isElse, parts) = (parts, true, [])
        } else {
            let expression = try expression()
            try scanner.closeTag()
            return try add(.value(expression))
        }
        if isAlone { dropLine() }
    }

    /// A line that holds nothing but a tag of a condition leaves no empty line behind.
    private mutating func dropLine() { scanner.skipLineEnd() }

    private mutating func add(_ part: Template.Part) throws(TemplateFault) {
        count += 1
        guard count <= limits.templateParts else {
            throw scanner.fault("more than \(limits.templateParts) tags and pieces of text")
        }
        parts.append(part)
    }

    private mutating func expression() throws(TemplateFault) -> Template.Expression {
        var expression: Template.Expression
        if let literal = try scanner.string() {
            expression = Template.Expression(source: .literal(literal))
        } else {
            expression = Template.Expression(source: .path(try path()))
        }
        let name = names.indices.last
        while scanner.skip("|") {
            if scanner.skip(keyword: "date") {
                expression.isDate = true
            } else if scanner.skip(keyword: "default") {
                guard scanner.skip(":"), let fallback = try scanner.string() else {
                    throw scanner.fault("after default comes a colon and a text in double quotes")
                }
                expression.fallback = fallback
            } else {
                let start = scanner
                let name = (try? scanner.name()) ?? ""
                let meant = Suggestion.text(for: name, among: ["date", "default"])
                let found = name.isEmpty ? "" : " \"\(name)\""
                throw start.fault(
                    "no such filter\(found)\(meant.isEmpty ? ";" : meant) there are date and default: \"…\""
                )
            }
        }
        if case .path(let path) = expression.source, let name, expression.fallback == nil {
            names[name].isNeeded = !open.contains { $0.path == path && !$0.isElse }
        }
        return expression
    }

    private mutating func path() throws(TemplateFault) -> [String] {
        scanner.skipBlanks()
        let place = scanner.fault("")
        var path = [try scanner.name()]
        while scanner.skip(".") { path.append(try scanner.name()) }
        guard path.count <= limits.pathNames else {
            throw scanner.fault("a path has more than \(limits.pathNames) names")
        }
        names.append(TemplateName(path: path, line: place.line, column: place.column))
        return path
    }
}
