import Chat
import Facts
import Rules
import Templates

/// Values by their paths, gathered for a template.
struct TemplateTree {
    private indirect enum Node {
        case value(TemplateValue)
        case names([String: Node])

        var value: TemplateValue {
            switch self {
            case .value(let value): value
            case .names(let names): .object(names.mapValues(\.value))
            }
        }
    }

    private var names: [String: Node] = [:]

    var value: TemplateValue { Node.names(names).value }

    mutating func set(_ path: [String], _ value: TemplateValue) { Self.set(path[...], value, &names) }

    private static func set(_ path: ArraySlice<String>, _ value: TemplateValue, _ names: inout [String: Node]) {
        guard let first = path.first else { return }
        guard path.count > 1 else {
            names[first] = .value(value)
            return
        }
        var inner: [String: Node] = [:]
        if case .names(let known)? = names[first] { inner = known }
        set(path.dropFirst(), value, &inner)
        names[first] = .names(inner)
    }
}

extension TemplateValue {
    init(_ value: RuleValue) {
        switch value {
        case .text(let text): self = .text(text)
        case .number(let number): self = Int64(exactly: number).map { .integer($0) } ?? .number(number)
        case .flag(let flag): self = .flag(flag)
        case .time(let time): self.init(time)
        case .texts(let texts): self = .text(texts.joined(separator: ", "))
        }
    }
}

extension FactValue {
    init(_ value: RuleValue) {
        switch value {
        case .text(let text): self = .string(text)
        case .number(let number): self = Int64(exactly: number).map { .integer($0) } ?? .double(number)
        case .flag(let flag): self = .bool(flag)
        case .time(let time): self = .time(time)
        case .texts(let texts): self = .strings(texts)
        }
    }
}

extension Decision {
    /// What a rule found in the text; for thresholds, what all rules in force did.
    func matches(of rule: String) -> [Match] {
        let isAll = rule == PlannedAction.thresholds
        return fired.filter { isAll ? !$0.isShadow : $0.id == rule }.flatMap(\.matches)
    }
}
