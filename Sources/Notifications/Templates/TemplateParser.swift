import Limits

/// Reads a template's source once, from its first character to its last.
struct TemplateParser {
    /// A condition whose end is still to come.
    private struct Open {
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

    init(_ source: String, at origin: TextOrigin, limits: Limits.Notifications) {
        scanner = TemplateScanner(source, at: origin)
        self.limits = limits
    }

    mutating func parse() throws(TemplateFault) -> [Template.Part] {
        guard scanner.bytes <= limits.templateBytes else {
            throw scanner.fault("the template has \(scanner.bytes) bytes; at most \(limits.templateBytes) are allowed")
        }
        while !scanner.isAtEnd {
            let text = scanner.text()
            if !text.isEmpty { try add(.text(text)) }
            if !scanner.isAtEnd { try tag() }
        }
        if let left = open.last {
            throw scanner.origin.fault(line: left.line, column: left.column, "this condition has no {{/ if }}")
        }
        return parts
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
        while scanner.skip("|") {
            if scanner.skip(keyword: "date") {
                expression.isDate = true
            } else if scanner.skip(keyword: "default") {
                guard scanner.skip(":"), let fallback = try scanner.string() else {
                    throw scanner.fault("after default comes a colon and a text in double quotes")
                }
                expression.fallback = fallback
            } else {
                throw scanner.fault("no such filter; there are date and default: \"…\"")
            }
        }
        return expression
    }

    private mutating func path() throws(TemplateFault) -> [String] {
        var names = [try scanner.name()]
        while scanner.skip(".") { names.append(try scanner.name()) }
        guard names.count <= limits.pathNames else {
            throw scanner.fault("a path has more than \(limits.pathNames) names")
        }
        return names
    }
}
