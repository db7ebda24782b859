import Rules
import Testing

/// What is shipped works as it stands, and its examples would notice if it did not.
struct ShippedRulesTests {
    @Test func theFolderLoadsAsAWhole() throws {
        let reading = RuleReader.read(try ShippedRules.files, checks: ShippedRules.checks)
        #expect(reading.faults.map(\.description) == [])
        #expect(reading.warnings.map(\.description) == [])
        #expect(try #require(reading.set).rules.count > 10)
    }

    @Test func everyRuleHasExamplesOfBothKinds() throws {
        for rule in try ShippedRules.ruleSet.rules {
            let fires = rule.tests.filter { if case .fires = $0.expectation { true } else { false } }
            #expect(!fires.isEmpty && fires.count < rule.tests.count, "\(rule.id)")
            #expect(rule.description != nil, "\(rule.id)")
        }
    }

    @Test func theExamplesHold() throws {
        #expect(try ShippedRules.failures(of: ShippedRules.ruleSet).map(\.description) == [])
    }

    /// Every condition left out, and every exception, is noticed by an example.
    @Test func theExamplesNoticeWhatIsLeftOut() throws {
        let ruleSet = try ShippedRules.ruleSet
        var quiet = ruleSet
        for index in quiet.rules.indices { quiet.rules[index].tests = [] }
        // A rule of the team's own that takes away: what is hidden for one reason is not answered for another.
        quiet.rules.append(
            Rule(
                id: "no-casinos",
                place: RulePlace(file: "own.yaml", line: 1, column: 1),
                phase: .gate,
                condition: .text(TextTest(.words(["casino"]))),
                actions: [.delete(isHard: false)]
            )
        )
        for (index, rule) in ruleSet.rules.enumerated() {
            var lesser = rule.condition.lesser.map { condition in
                var rule = rule
                rule.condition = condition
                return rule
            }
            if !rule.exceptions.isEmpty {
                var strict = rule
                strict.exceptions = Exceptions()
                lesser.append(strict)
            }
            for other in lesser {
                var changed = quiet
                changed.rules[index] = other
                let failures = try ShippedRules.failures(of: changed)
                #expect(!failures.isEmpty, "\(rule.id) as \(other.condition), \(other.exceptions)")
            }
        }
    }

    /// Whatever comes together on one message, nothing is taken away by the sum of scores alone, and nobody is banned.
    @Test func theSumOfAllScoresTakesNothingAway() throws {
        let ruleSet = try ShippedRules.ruleSet
        let actions = ruleSet.rules.filter { $0.mode == .enforce }.flatMap(\.actions)
        let most = actions.reduce(0.0) { if case .score(let score) = $1 { $0 + max(score, 0) } else { $0 } }
        #expect(most < (try #require(ruleSet.thresholds.block)))
        #expect(!actions.contains { if case .ban = $0 { true } else { false } })
        #expect(!actions.contains { if case .delete = $0 { true } else { false } })
    }
}

extension Condition {
    /// The condition with one of its parts left out, in every way.
    fileprivate var lesser: [Condition] {
        func without(_ conditions: [Condition], _ make: ([Condition]) -> Condition) -> [Condition] {
            conditions.indices.flatMap { index -> [Condition] in
                let less = conditions.count > 1 ? [make(Array(conditions[..<index] + conditions[(index + 1)...]))] : []
                let deeper = conditions[index].lesser.map { lesser -> Condition in
                    var changed = conditions
                    changed[index] = lesser
                    return make(changed)
                }
                return less + deeper
            }
        }
        switch self {
        case .all(let conditions): return without(conditions, Condition.all)
        case .any(let conditions): return without(conditions, Condition.any)
        case .none(let conditions): return without(conditions, Condition.none)
        default: return []
        }
    }
}
