package import Templates

/// All that one folder of rule files says, valid as a whole.
package struct RuleSet: Sendable, Equatable {
    /// SHA-256 of the names and bytes of all files, in lower-case hex: what decisions name as the version that made them.
    package var version: String
    /// In the order of the files' names, then of the files.
    package var rules: [Rule]
    package var lists: [String: TermList]
    /// Texts for replies and rewrites, by name.
    package var templates: [String: Template]
    package var thresholds: Thresholds
    /// What it was read from.
    package var files: [RuleFile]

    package init(
        version: String,
        rules: [Rule],
        lists: [String: TermList] = [:],
        templates: [String: Template] = [:],
        thresholds: Thresholds = Thresholds(),
        files: [RuleFile] = []
    ) {
        (self.version, self.rules, self.lists) = (version, rules, lists)
        (self.templates, self.thresholds, self.files) = (templates, thresholds, files)
    }
}

/// One file of a rule folder: rules, a list or a template.
package struct RuleFile: Sendable, Equatable {
    /// Its path within the folder, with `/`: what faults and decisions name.
    package let name: String
    package let bytes: [UInt8]

    package init(name: String, bytes: [UInt8]) { (self.name, self.bytes) = (name, bytes) }
}

/// Words, phrases or domains that several rules may name.
package struct TermList: Sendable, Equatable {
    package var name: String
    /// As written, in order, each once.
    package var terms: [String]

    package init(name: String, terms: [String]) { (self.name, self.terms) = (name, terms) }
}

/// From which sum of scores on a message is treated as what; `nil` is never.
package struct Thresholds: Sendable, Equatable {
    package var mask: Double?
    package var hold: Double?
    package var block: Double?

    package init(mask: Double? = nil, hold: Double? = nil, block: Double? = nil) {
        (self.mask, self.hold, self.block) = (mask, hold, block)
    }
}
