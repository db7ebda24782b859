import Limits
import YAML

/// How far rule files have been read: everything found wrong, and what can be compared only once all are read.
struct Reading {
    let limits: Limits.Rules
    let checks: RuleChecks

    /// The file being read, by its name.
    var file = ""
    /// Places whose value is known to be wrong: what follows from that is not told as well.
    var spoiled: Set<YAMLPosition> = []
    /// A rule of the file was cut out, so that there may be none left.
    var hasBrokenRule = false
    /// The key whose value is being read.
    var key = ""
    /// What the rule being read asks for.
    var notes = RuleNotes()
    /// Lists and templates that rules name.
    var mentions: [Mention] = []

    private(set) var faults: [RuleFault] = []
    private(set) var warnings: [RuleWarning] = []
    /// Also those that are not told.
    private(set) var faultCount = 0
    /// So much is wrong that it is not worth looking further.
    var isFull: Bool { faults.count >= limits.faults }

    init(limits: Limits.Rules, checks: RuleChecks) { (self.limits, self.checks) = (limits, checks) }

    func place(_ position: YAMLPosition) -> RulePlace {
        RulePlace(file: file, line: position.line, column: position.column)
    }

    // MARK: Faults

    mutating func refuse(_ position: YAMLPosition, _ problem: String) {
        guard !spoiled.contains(position) else { return faultCount += 1 }
        refuse(at: place(position), problem)
    }

    mutating func refuse(at place: RulePlace, _ problem: String) {
        faultCount += 1
        if faults.count < limits.faults { faults.append(RuleFault(at: place, problem)) }
    }

    /// Refuses the value of the key that is being read.
    mutating func refuse(_ node: YAMLNode, allowed: String, _ advice: String = "") {
        refuse(
            node.position,
            "\(key): found \(node.inWords)\(advice.isEmpty ? "; " : "; \(advice) ")allowed: \(allowed)"
        )
    }

    mutating func warn(_ position: YAMLPosition, _ problem: String) { warn(at: place(position), problem) }

    mutating func warn(at place: RulePlace, _ problem: String) {
        if warnings.count < limits.faults { warnings.append(RuleWarning(at: place, problem)) }
    }

    // MARK: What is named

    /// Notes that a list or template is named, to be looked for once all files are read.
    mutating func mention(_ kind: Mention.Kind, _ name: String, at position: YAMLPosition) {
        mentions.append(Mention(kind: kind, name: name, place: place(position)))
    }
}

/// A list or a template that something names.
struct Mention {
    enum Kind {
        case list
        /// A list whose terms are to be domains.
        case domains
        case template
    }

    let kind: Kind
    let name: String
    let place: RulePlace
}
