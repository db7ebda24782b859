import Limits
import TestSupport
import Testing

@testable import Rules

struct ExpressionSetTests {
    private func compiled(_ patterns: [String], _ limits: Limits.Rules = Limits.Rules()) throws
        -> ExpressionSet
    {
        try ExpressionSet(patterns.map { RuleExpression($0) }, limits: limits)
    }

    @Test func findsWhichMatchAndWhere() throws {
        let set = try compiled(["buy\\s+now", "\\bfree\\b", "å+", "x\\z"])
        let text = Array("ååå, buy  now: free".utf8)
        #expect(set.hits(in: text) == [0, 1, 2])
        #expect(set.firstMatch(of: 0, in: text.span) == 8..<16)
        #expect(set.firstMatch(of: 1, in: text.span) == 18..<22)
        #expect(set.firstMatch(of: 2, in: text.span) == 0..<6)
        #expect(set.firstMatch(of: 2, in: text.span, from: 2) == 2..<6)
        #expect(set.firstMatch(of: 3, in: text.span) == nil)
        #expect(set.firstMatch(of: 0, in: text.span, from: text.count) == nil)
    }

    @Test func whatStandsBeforeStillCounts() throws {
        let set = try compiled(["\\bb", "^b"])
        let text = Array("ab".utf8)
        #expect(set.firstMatch(of: 0, in: text.span, from: 1) == nil)
        #expect(set.firstMatch(of: 1, in: text.span, from: 1) == nil)
    }

    @Test func eachExpressionSaysWhetherCapitalsMatter() throws {
        let set = try ExpressionSet([
            RuleExpression("free|gratis", ignoresCase: true), RuleExpression("free"),
            RuleExpression("\\Qå+", ignoresCase: true),
        ])
        #expect(set.hits(in: Array("GRATIS! Free! Å+".utf8)) == [0, 2])
        #expect(set.hits(in: Array("a free lunch".utf8)) == [0, 1])
    }

    @Test func nothingFindsNothing() throws {
        #expect(try compiled([]).hits(in: Array("text".utf8)) == [])
        #expect(try compiled(["a"]).hits(in: []) == [])
        #expect(try compiled(["a"]).firstMatch(of: 0, in: [UInt8]().span) == nil)
    }

    @Test func hitsAreUsedAgain() throws {
        var hits = ExpressionHits()
        let set = try compiled(["c", "a", "b"])
        set.matches(in: Array("abc".utf8).span, into: &hits)
        #expect((0..<hits.count).map { hits[$0] } == [0, 1, 2])
        set.matches(in: Array("xbx".utf8).span, into: &hits)
        #expect(hits.indices == [2])
    }

    @Test(
        arguments: [
            ("a\\qb", 1, "\\q: no such escape"), ("(a)\\1", 3, "\\1: no such escape; references back"),
            ("[z-a]", 1, "z-a: a range that ends before it begins"), ("ab[c", 2, "[c: a [ without its ]"),
            ("(ab", nil, "a ( without its )"), ("ab)", nil, "a ) without its ("),
            ("ab\\", nil, "ends with a single \\"),
            ("*a", 0, "*: nothing stands before it"), ("a{1001}", 1, "{1001}: repeats too often"),
            ("(?:a{40}){40}", nil, "repeats too often"), ("a**", 1, "**: repeats a repetition"),
            ("x(?=y)", 1, "(?=: no such group; looking ahead"), ("\\pX", 0, "\\pX: no such class"),
            ("(?P<n", 0, "(?P<n: not a name"), ("[[:oops:]]", 1, "[:oops:]: no such class"),
            ("a*", nil, "matches where there is nothing"),
            ("", nil, "matches where there is nothing"), ("\\b", nil, "matches where there is nothing"),
            ("(?m)$", nil, "matches where there is nothing"), ("x|\\B", nil, "matches where there is nothing"),
            ("^|y", nil, "matches where there is nothing"),
            ("a.{900}b", nil, "too large once its counts are written out"),
            ("(\\pL.){500}q", nil, "too large once its counts are written out"),
        ] as [(String, Int?, String)]
    )
    func faultsSayWhatAndWhere(_ pattern: String, _ offset: Int?, _ message: String) throws {
        let error = try #require(throws: ExpressionSetError.self) { try compiled(["fine", pattern]) }
        #expect(error.faults.map(\.index) == [1])
        let fault = try #require(error.faults.first)
        #expect(fault.message.contains(message), "\(fault.message)")
        #expect(fault.offset == offset, "\(fault.message)")
    }

    @Test func faultsComeAllAtOnce() throws {
        let patterns = ["(", "fine", "a*", String(repeating: "x", count: 1_001), "+"]
        let error = try #require(throws: ExpressionSetError.self) { try compiled(patterns) }
        #expect(error.faults.map(\.index) == [0, 2, 3, 4])
        #expect(error.description.contains("expression 4: 1001 bytes long, and 1000 are allowed"))
    }

    @Test func togetherTheyHaveAllowances() throws {
        var limits = Limits.Rules()
        (limits.expressions, limits.expressionsProgram) = (4, 100)
        (limits.countedProgram, limits.countedProgramFrom) = (60, 10)
        let counts = try #require(throws: ExpressionSetError.self) { try compiled(["a.{5}b", "a.{5}c", "d"], limits) }
        #expect(counts.faults.map(\.index) == [1])
        #expect(counts.description.contains("all counts {…} and wildcards together are too many"))
        let size = try #require(throws: ExpressionSetError.self) {
            try compiled([String(repeating: "a", count: 80), String(repeating: "b", count: 80), "c"], limits)
        }
        #expect(size.faults.map(\.index) == [1])
        #expect(size.description.contains("all expressions together are too large"))
        #expect(throws: ExpressionSetError.self) { try compiled(["a", "b", "c", "d", "e"], limits) }
    }

    /// Texts made for expressions that take a backtracking engine for ever, or a set's memory.
    @Test func hostileExpressionsAndTextsEnd() throws {
        let patterns = ["(a+)+$", "(a|aa)+$", "(?:(?:a{10}){10}){9}b", "(.*)*=x", "a.{250}b", "(?:\\pL+\\d)+!"]
        let set = try compiled(patterns.map { "x?" + $0 + "z" } + ["a+!"])
        var random = SeededRandom()
        let texts = [
            [UInt8](repeating: 0x61, count: 50_000) + [0x21],
            (0..<16_384).map { _ in [0x61, 0x62, 0x20, 0x3D].randomElement(using: &random) ?? 0 },
            (0..<16_384).map { _ in UInt8.random(in: 0...255, using: &random) },
        ]
        for text in texts {
            let alone = (0..<set.count).filter { set.firstMatch(of: $0, in: text.span) != nil }
            #expect(set.hits(in: text) == alone, "seed \(random.seed)")
        }
        #expect(set.hits(in: texts[0]) == [6])
    }

    @Test func tenThousandAlternatives() throws {
        var limits = Limits.Rules()
        (limits.expressionBytes, limits.expressionProgram, limits.expressionsProgram) = (100_000, 100_000, 100_000)
        let pattern = (0..<10_000).map { "w\($0)q" }.joined(separator: "|")
        #expect(throws: ExpressionSetError.self) { try compiled([pattern]) }
        let set = try compiled([pattern], limits)
        #expect(set.hits(in: Array("… w9999q".utf8)) == [0])
        #expect(set.firstMatch(of: 0, in: Array("… w9999q".utf8).span) == 4..<10)
        #expect(set.hits(in: Array("w10000q".utf8)) == [])
    }

    /// With ever less memory a set starts anew ever more often, then is refused: never does it miss a match in silence.
    @Test func aSetShortOfMemoryIsRefused() throws {
        var random = SeededRandom(seed: 1)
        let patterns = (0..<100).map { _ in
            String((0..<40).map { _ in "abcdefgh".randomElement(using: &random) ?? "a" })
        }
        let text = Array("\(patterns[17]) and \(patterns[99]), not \(patterns[40].dropLast())".utf8)
        var (working, refused) = (0, 0)
        for kilobytes in stride(from: 1_024, through: 128, by: -32) {
            var limits = Limits.Rules()
            limits.expressionSetBytes = Int64(kilobytes) * 1_024
            guard let set = try? compiled(patterns, limits) else {
                refused += 1
                continue
            }
            var hits = ExpressionHits()
            set.matches(in: text.span, into: &hits)
            #expect(hits.indices == [17, 99], "\(kilobytes) KB")
            working += 1
        }
        #expect(working > 0)
        #expect(refused > 0)
    }

    /// What a set does that gave up for want of memory, here without want.
    @Test func oneByOneTheSameMatch() throws {
        let set = try compiled((0..<50).map { "w\($0 % 5)\\s*\($0)\\b" })
        for text in (0..<100).map({ Array("w\($0 % 5) \($0 % 60), w1 1 w4".utf8) }) {
            var hits = ExpressionHits()
            hits.clear(room: set.count)
            text.withUnsafeBufferPointer { set.searchOneByOne($0, into: &hits) }
            #expect(hits.indices == set.hits(in: text))
            #expect(hits.wereSoughtOneByOne)
        }
    }

    @Test func severalThreadsShareOneSet() async throws {
        let set = try compiled((0..<200).map { "(?:k|q)\($0 % 10)\\w{0,5} \($0)\\b" })
        let random = SeededRandom()
        let texts = (0..<400).map { Array("k\($0 % 10)ab\($0) \($0 % 250) q\($0 % 7) \($0 % 13)!".utf8) }
        let expected = texts.map { text in (0..<set.count).filter { set.firstMatch(of: $0, in: text.span) != nil } }
        await withTaskGroup(of: Bool.self) { group in
            for worker in 0..<4 {
                var own = SeededRandom(seed: random.seed &+ UInt64(worker))
                let order = texts.indices.shuffled(using: &own)
                group.addTask { order.allSatisfy { set.hits(in: texts[$0]) == expected[$0] } }
            }
            for await isSame in group { #expect(isSame, "seed \(random.seed)") }
        }
    }
}

extension ExpressionSet {
    fileprivate func hits(in text: [UInt8]) -> [Int] {
        var hits = ExpressionHits()
        matches(in: text.span, into: &hits)
        return hits.indices
    }
}
