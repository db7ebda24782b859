import Crypto
import Limits
import Templates
import YAML

/// Reads the files of one set, then compares what they say of each other.
struct RuleSetReader {
    /// What a file holds, by its name.
    private enum Kind {
        case rules, list(String), template(String)
        case misnamed(String)
        case other
    }

    private struct Entry {
        let file: String
        let rule: FileDraft.Rules
    }

    var reading: Reading
    private var thresholds: (value: Thresholds, place: RulePlace)?
    private var lists = ListCollection()
    private var templates = TemplateCollection()
    private var entries: [Entry] = []
    /// A rule or a file could not be read at all, so that what seems to be missing may stand there.
    private var hasBroken = false

    init(limits: Limits.Rules, checks: RuleChecks) { reading = Reading(limits: limits, checks: checks) }

    mutating func read(_ files: [RuleFile]) -> RuleSet? {
        let used = files.filter { file in
            if case .other = Self.kind(of: file) { false } else { true }
        }
        for file in admitted(files) where !reading.isFull { read(file) }
        guard !reading.isFull else { return nil }
        lists.resolve(&reading)
        let rules = rules()
        resolveMentions()
        warnOfMissingValues()
        return RuleSet(
            version: RuleReader.version(of: used),
            rules: rules,
            lists: lists.terms,
            templates: templates.templates,
            thresholds: thresholds?.value ?? Thresholds(),
            files: used
        )
    }

    /// In order of their places.
    var findings: (faults: [RuleFault], warnings: [RuleWarning]) {
        var faults = reading.faults.sorted { ($0.place, $0.problem) < ($1.place, $1.problem) }
        if reading.isFull, let last = faults.last {
            faults.append(RuleFault(at: last.place, "more than \(reading.limits.faults) faults; repair these first"))
        }
        return (faults, reading.warnings.sorted { ($0.place, $0.problem) < ($1.place, $1.problem) })
    }

    // MARK: Files

    private mutating func admitted(_ files: [RuleFile]) -> ArraySlice<RuleFile> {
        let limits = reading.limits
        let start = { (file: RuleFile) in RulePlace(file: file.name, line: 1, column: 1) }
        if files.count > limits.files, let extra = files.dropFirst(limits.files).first {
            reading.refuse(at: start(extra), "the folder has \(files.count) files; at most \(limits.files) are allowed")
        }
        for (one, other) in zip(files, files.dropFirst()) where one.name == other.name {
            reading.refuse(at: start(other), "the file is given twice")
        }
        let bytes = files.reduce(0) { $0 + $1.bytes.count }
        if bytes > limits.folderBytes, let first = files.first {
            reading.refuse(at: start(first), "the folder has \(bytes) bytes; at most \(limits.folderBytes) are allowed")
            return []
        }
        return files.prefix(limits.files)
    }

    private mutating func read(_ file: RuleFile) {
        (reading.file, reading.key, reading.spoiled) = (file.name, "", [])
        let start = YAMLPosition(line: 1, column: 1)
        switch Self.kind(of: file) {
        case .rules: readRules(file)
        case .list(let name): lists.read(file, named: name, &reading)
        case .template(let name): templates.read(file, named: name, &reading)
        case .misnamed(let advice): reading.refuse(start, advice)
        case .other:
            reading.warn(
                start,
                "the file is not read; rules are NAME.yaml, lists lists/NAME.txt, templates templates/NAME.txt"
            )
        }
    }

    private static func kind(of file: RuleFile) -> Kind {
        let parts = file.name.split(separator: "/").map(String.init)
        guard let name = parts.last else { return .other }
        if parts.count == 1, name.hasSuffix(".yaml") { return .rules }
        if name.hasSuffix(".yml") { return .misnamed("a file of rules ends in .yaml; rename it") }
        guard parts.count == 2 else { return .other }
        if name.hasSuffix(".yaml") {
            return .misnamed("files of rules stand beside the folder \(parts[0]), not in it; move it")
        }
        guard name.hasSuffix(".txt") else { return .other }
        switch parts[0] {
        case "lists": return .list(String(name.dropLast(4)))
        case "templates": return .template(String(name.dropLast(4)))
        default: return .other
        }
    }

    private mutating func readRules(_ file: RuleFile) {
        let document = RuleDocument(file, &reading)
        hasBroken = hasBroken || document.isBroken
        guard let root = document.root else { return }
        guard !root.isNull else {
            if !document.isBroken { reading.warn(root.position, "the file is empty") }
            return
        }
        reading.hasBrokenRule = document.isBroken
        defer { reading.hasBrokenRule = false }
        guard root.mapping != nil else {
            let advice = root.sequence == nil ? "" : "; a list of rules stands under rules:"
            return reading.refuse(
                root.position,
                "found \(root.inWords)\(advice); allowed: a mapping of \(Wording.listed(FileKeys.table.names))"
            )
        }
        var draft = FileDraft()
        FileKeys.table.read(root, into: &draft, &reading)
        take(draft)
    }

    private mutating func take(_ draft: FileDraft) {
        if let found = draft.thresholds {
            if let first = thresholds {
                reading.refuse(
                    found.position,
                    "thresholds: found again, first at \(first.place); they stand in one file only"
                )
            } else {
                thresholds = (found.value, reading.place(found.position))
            }
        }
        for list in draft.lists { lists.add(list, &reading) }
        entries += draft.rules.map { Entry(file: reading.file, rule: $0) }
    }

    // MARK: Rules

    private mutating func rules() -> [Rule] {
        if entries.count > reading.limits.rules {
            let first = entries[reading.limits.rules]
            reading.file = first.file
            reading.refuse(
                first.rule.draft.position,
                "there are \(entries.count) rules; at most \(reading.limits.rules) are allowed"
            )
        }
        refuseRepeatedIDs()
        if !hasBroken { refuseUnknownLabels() }
        let readByAny = Set(entries.flatMap(\.rule.notes.reads).map(\.value))
        return entries.compactMap { entry in
            let (draft, notes, wrong) = (entry.rule.draft, entry.rule.notes, entry.rule.wrong)
            reading.file = entry.file
            return RuleCheck(draft: draft, notes: notes, wrong: wrong, readByAny: readByAny)
                .rule(templates: templates, &reading)
        }
    }

    private mutating func refuseRepeatedIDs() {
        var first: [String: RulePlace] = [:]
        for entry in entries {
            guard let id = entry.rule.draft.id else { continue }
            reading.file = entry.file
            if let earlier = first[id.value] {
                reading.refuse(
                    id.position,
                    "id: another rule is called \(Wording.quoted(id.value)), at \(earlier); every rule needs a name of its own"
                )
            } else {
                first[id.value] = reading.place(id.position)
            }
        }
    }

    /// A label that no rule sets before can be on no message.
    private mutating func refuseUnknownLabels() {
        typealias Turn = (phase: Rule.Phase, before: Int, index: Int)
        func turn(_ index: Int) -> Turn {
            let draft = entries[index].rule.draft
            return (draft.phase, -draft.priority, index)
        }
        var setters: [String: [Int]] = [:]
        for index in entries.indices {
            for step in entries[index].rule.notes.steps {
                if case .label(let label) = step.action, setters[label]?.last != index {
                    setters[label, default: []].append(index)
                }
            }
        }
        let known = setters.keys.sorted()
        for index in entries.indices where !reading.isFull {
            reading.file = entries[index].file
            for label in entries[index].rule.notes.labelsRead {
                let own = turn(index)
                guard let setting = setters[label.value] else {
                    reading.refuse(
                        label.position,
                        "label: no rule sets the label \(Wording.quoted(label.value))\(known.isEmpty ? "; a rule before this one needs the action label: \(label.value)" : Wording.allowed(known, for: label.value))"
                    )
                    continue
                }
                if !setting.contains(where: { turn($0) < own }) {
                    reading.warn(
                        label.position,
                        "label: \(Wording.quoted(label.value)) is set by later rules only; give the one that sets it a higher priority or an earlier phase"
                    )
                } else if !setting.contains(where: { entries[$0].rule.draft.mode == .enforce }) {
                    reading.warn(
                        label.position,
                        "label: \(Wording.quoted(label.value)) is set only by rules whose mode is not enforce, so that it is never there"
                    )
                }
            }
        }
    }

    /// A text that lacks a value is not written, and nobody is told.
    private mutating func warnOfMissingValues() {
        var told: Set<RulePlace> = []
        for entry in entries {
            let (draft, notes) = (entry.rule.draft, entry.rule.notes)
            guard let condition = draft.condition, !entry.rule.wrong.contains("on") else { continue }
            let events = draft.events?.value ?? [RuleEvent.messageNew]
            for name in notes.templates {
                for need in templates.needs(name)
                where !condition.known.contains(need.path) && !need.path.isKnown(in: events)
                    && told.insert(need.place).inserted
                {
                    reading.warn(
                        at: need.place,
                        "\(need.path) has no default: if it is not known, \(Wording.quoted(draft.id?.value ?? "the rule")) does not write this text; write {{ \(need.path) | default: \"…\" }}"
                    )
                }
            }
        }
    }

    // MARK: Names

    private mutating func resolveMentions() {
        let listNames = lists.names.sorted()
        let templateNames = templates.names.sorted()
        for mention in reading.mentions where !reading.isFull {
            switch mention.kind {
            case .template:
                guard !templates.names.contains(mention.name) else { continue }
                reading.refuse(
                    at: mention.place,
                    "there is no template \(Wording.quoted(mention.name)), that is no file templates/\(mention.name).txt\(templateNames.isEmpty ? "; write its text there" : Wording.allowed(templateNames, for: mention.name))"
                )
            case .list, .domains:
                guard lists.names.contains(mention.name) else {
                    if hasBroken { continue }
                    reading.refuse(
                        at: mention.place,
                        "there is no list \(Wording.quoted(mention.name))\(listNames.isEmpty ? "; write it as lists/\(mention.name).txt, a term a line" : Wording.allowed(listNames, for: mention.name))"
                    )
                    continue
                }
                if mention.kind == .domains { refuseOtherThanDomains(mention) }
            }
        }
        guard !hasBroken else { return }
        let named = Set(reading.mentions.filter { $0.kind != .template }.map(\.name))
        for name in listNames where !named.contains(name) {
            if let place = lists.place(of: name) {
                reading.warn(at: place, "no rule uses the list \(Wording.quoted(name))")
            }
        }
        let filled = Set(reading.mentions.filter { $0.kind == .template }.map(\.name))
        for name in templateNames where !filled.contains(name) {
            reading.warn(at: RulePlace(file: "templates/\(name).txt", line: 1, column: 1), "no rule uses the template")
        }
    }

    private mutating func refuseOtherThanDomains(_ mention: Mention) {
        guard let term = lists.terms[mention.name]?.terms.first(where: { !RuleName.isDomain($0) }) else { return }
        reading.refuse(
            at: mention.place,
            "the list \(Wording.quoted(mention.name)) holds \(Wording.quoted(term)), which is no domain; allowed: names such as example.com"
        )
    }
}
