import Chat

/// A template being filled.
struct TemplateRendering {
    let values: TemplateValue
    let escaping: Template.Escaping
    let mostBytes: Int
    private(set) var text = ""
    /// Paths that nothing is known of.
    private(set) var unknown: [String] = []

    init(values: TemplateValue, escaping: Template.Escaping, mostBytes: Int) {
        (self.values, self.escaping, self.mostBytes) = (values, escaping, mostBytes)
    }

    mutating func append(_ parts: [Template.Part]) throws(TemplateRenderError) {
        for part in parts {
            switch part {
            case .text(let literal): text += literal
            case .value(let expression): text += escaped(try value(of: expression))
            case .condition(let path, let then, let otherwise):
                try append(values[path].isTrue ? then : otherwise)
            }
            guard text.utf8.count <= mostBytes else { throw .tooLong(mostBytes: mostBytes) }
        }
    }

    private mutating func value(of expression: Template.Expression) throws(TemplateRenderError) -> String {
        let found: String? =
            switch expression.source {
            case .literal(let literal): literal
            case .path(let path): values[path].written
            }
        guard let found, !found.isEmpty || expression.fallback == nil else {
            if let fallback = expression.fallback { return fallback }
            if !unknown.contains(expression.name) { unknown.append(expression.name) }
            return ""
        }
        guard expression.isDate else { return found }
        guard let time = Timestamp(rfc3339: found) else { throw .notATime(expression.name) }
        return "\(time.rfc3339.prefix(10)) \(time.rfc3339.dropFirst(11).prefix(5)) UTC"
    }

    private func escaped(_ value: String) -> String {
        escaping.escaped(value)
    }
}
