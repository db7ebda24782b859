import Chat
import YAML

/// Comparisons of one value as they were written.
struct ValueDraft: Sendable {
    var tests: [ValueTest] = []
    var bounds = BoundsDraft()
    var olderThan: Duration?
    var newerThan: Duration?
    var exists = false
    var isMissing = false

    /// Every test that is asked for; `nil` once a fault was noted.
    func tests(at node: YAMLNode, _ reading: inout Reading) -> [ValueTest]? {
        var all = tests
        if !bounds.isEmpty {
            guard let bounds = Bounds(bounds, of: .any, at: node, &reading) else { return nil }
            all.append(.bounds(bounds))
        }
        if olderThan != nil || newerThan != nil {
            if let olderThan, let newerThan, olderThan >= newerThan {
                let problem = "no time is older than \(olderThan.written) and newer than \(newerThan.written)"
                reading.refuse(node.position, "\(reading.key): \(problem); the condition can never be so")
                return nil
            }
            all.append(
                .age(
                    Bounds(
                        lowest: olderThan.map { Double($0.components.seconds) },
                        isLowestIncluded: olderThan == nil,
                        highest: newerThan.map { Double($0.components.seconds) },
                        isHighestIncluded: newerThan == nil
                    )
                )
            )
        }
        if isMissing, exists || !all.isEmpty {
            reading.refuse(
                node.position,
                "\(reading.key): what is missing cannot be compared or exist; the condition can never be so"
            )
            return nil
        }
        return all + (exists ? [.exists] : []) + (isMissing ? [.missing] : [])
    }
}

enum ValueKeys {
    static let table = Keys<ValueDraft>(
        noun: "comparison",
        keys: [
            Key("is", "The value is this, or one of these; of a list, one of its elements is.", .values) {
                $0.tests.append(.isOne($1))
            },
            Key("is_not", "The value is none of these.", .values) { $0.tests.append(.isNone($1)) },
            Key("in_list", "The value is a term of one of these lists.", Form<String>.listName().oneOrMany) {
                $0.tests.append(.isIn($1))
            },
            Key("not_in_list", "The value is a term of none of these lists.", Form<String>.listName().oneOrMany) {
                $0.tests.append(.isNotIn($1))
            },
        ] + BoundsKeys.table.keys.map { $0.within(\.bounds) } + [
            Key("contains", "The text holds one of these, without regard to capitals.", Form<String>.text().oneOrMany) {
                $0.tests.append(.contains($1))
            },
            Key(
                "starts_with",
                "The text begins with one of these, without regard to capitals.",
                Form<String>.text().oneOrMany
            ) {
                $0.tests.append(.startsWith($1))
            },
            Key(
                "ends_with",
                "The text ends with one of these, without regard to capitals.",
                Form<String>.text().oneOrMany
            ) {
                $0.tests.append(.endsWith($1))
            },
            Key("matches", "The text matches one of these expressions (RE2).", Form<String>.expression.oneOrMany) {
                $0.tests.append(.matches($1))
            },
            Key("older_than", "The time is longer ago than this.", .duration) { $0.olderThan = $1 },
            Key("newer_than", "The time is less long ago than this.", .duration) { $0.newerThan = $1 },
            Key("exists", "The value is known.", .onlyTrue(otherwise: "missing: true")) { draft, _ in
                draft.exists = true
            },
            Key("missing", "Every source was asked, and none knows the value.", .onlyTrue(otherwise: "exists: true")) {
                draft,
                _ in draft.isMissing = true
            },
            Key("same_as", "The value is the same as another one.", .path) { $0.tests.append(.equals($1)) },
            Key("not_same_as", "The value is not the same as another one.", .path) { $0.tests.append(.differs($1)) },
        ],
        also: BoundsKeys.confused.merging(
            [
                "equals": "is", "equal": "is", "eq": "is", "not": "is_not", "ne": "is_not", "in": "is",
                "one_of": "is", "not_in": "is_not", "regex": "matches", "match": "matches", "includes": "contains",
                "before": "older_than", "after": "newer_than", "prefix": "starts_with", "suffix": "ends_with",
            ]
        ) { first, _ in first }
    )

    /// What a path is compared with: a value alone, a list of which it is one, or a mapping of comparisons.
    ///
    /// - Parameter position: of the path.
    static func conditions(
        on path: ValuePath,
        at position: YAMLPosition,
        _ node: YAMLNode,
        _ reading: inout Reading
    ) -> [Condition]? {
        let tests: [ValueTest]?
        let before = reading.faultCount
        let plain = node.mapping?.first { $0.key == "is" }?.value ?? node
        for written in plain.sequence ?? [plain] { lookForDuration(in: written, of: path, &reading) }
        guard reading.faultCount == before else { return nil }
        if node.mapping != nil {
            var draft = ValueDraft()
            tests = table.read(node, into: &draft, &reading) == [] ? draft.tests(at: node, &reading) : nil
        } else if node.isNull {
            reading.refuse(
                node.position,
                "\(reading.key): found nothing; allowed: a value, a list of values, or a mapping of \(Wording.listed(table.names)); for what is not known write missing: \(path)"
            )
            return nil
        } else {
            tests = Form<[RuleValue]>.values.read(node, &reading).map { [.isOne($0)] }
        }
        guard let tests else { return nil }
        reading.notes.reads.append(Located(value: path, position: position))
        for case .age in tests { reading.notes.times.insert(path) }
        for case .equals(let other) in tests { reading.note(path, comparedWith: other, at: node.position) }
        for case .differs(let other) in tests { reading.note(path, comparedWith: other, at: node.position) }
        return tests.map { .value(path, $0) }
    }

    /// A value is the same as a text, and no time is the text `3d`.
    private static func lookForDuration(in node: YAMLNode, of path: ValuePath, _ reading: inout Reading) {
        guard case .scalar(let scalar) = node.value, scalar.isPlain,
            let duration = RuleName.seconds(scalar.text) == nil ? RuleName.meantDuration(scalar.text) : scalar.text
        else { return }
        let advice = "did you mean { newer_than: \(duration) } or { older_than: \(duration) }?"
        if path.isTime {
            let allowed = "a time, or how long ago it is"
            reading.refuse(
                node.position,
                "\(path): found \(node.inWords), which is compared as text; \(advice) allowed: \(allowed)"
            )
        } else {
            reading.warn(
                node.position,
                "\(path): found \(node.inWords), which is compared as text; \(advice) for the text put it in quotes"
            )
        }
    }
}

extension ValuePath {
    /// Named as times are: `created_at`.
    fileprivate var isTime: Bool { keys.last?.hasSuffix("_at") ?? false }
}

extension Reading {
    fileprivate mutating func note(_ path: ValuePath, comparedWith other: ValuePath, at position: YAMLPosition) {
        notes.reads.append(Located(value: other, position: position))
        if path == other {
            refuse(position, "\(path): found the same path on both sides; a value is always the same as itself")
        }
    }
}

extension Form where Value == RuleValue {
    static var value: Form {
        let allowed = "text, a number, true, false or a time"
        return Form(allowed: allowed, schema: .either([.text(), .flag])) { node, reading in
            guard case .scalar(let scalar) = node.value, !node.isNull else {
                reading.refuse(node, allowed: allowed)
                return nil
            }
            guard scalar.isPlain else { return .text(scalar.text) }
            if let flag = node.bool { return .flag(flag) }
            if let number = node.plainNumber { return .number(number) }
            if node.number != nil {
                reading.refuse(
                    node.position,
                    "\(reading.key): found \(scalar.text), which is not how a number is written here; put it in quotes if it is text"
                )
                return nil
            }
            if let time = Timestamp(rfc3339: scalar.text) { return .time(time) }
            if let truth = RuleName.truth[scalar.text.lowercased()] {
                reading.warn(
                    node.position,
                    "\(reading.key): found \(scalar.text), which is text here; write \(truth) for the truth value, or \"\(scalar.text)\" in quotes for the word"
                )
            }
            return .text(scalar.text)
        }
    }
}

extension Form where Value == [RuleValue] {
    static var values: Form { Form<RuleValue>.value.oneOrMany }
}

extension Duration {
    /// As rule files write it, in the largest unit up to days that is exact.
    var written: String {
        let seconds = components.seconds
        for (each, unit) in [(86_400, "d"), (3_600, "h"), (60, "m")] as [(Int64, String)]
        where seconds > 0 && seconds % each == 0 {
            return "\(seconds / each)\(unit)"
        }
        return "\(seconds)s"
    }
}
