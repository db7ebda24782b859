import Limits
import TestSupport
import Testing

@testable import Rules

struct TermAutomatonTests {
    private func words(_ words: [String], _ mode: Term.Mode = .wholeWord) -> [Term] {
        words.enumerated().map { Term(Array($1.utf8), id: UInt32($0), mode: mode) }
    }

    @Test func findsOverlappingTermsWithTheirPlaces() throws {
        let found = try TermAutomaton(words(["he", "she", "his", "hers"], .anywhere)).found(in: "ushers")
        #expect(found.isComplete)
        #expect(
            found.found.sorted(by: TermMatch.precedes) == [
                TermMatch(id: 1, start: 1, end: 4), TermMatch(id: 0, start: 2, end: 4),
                TermMatch(id: 3, start: 2, end: 6),
            ]
        )
        #expect(found.found.first?.range == 1..<4)
    }

    @Test(arguments: [
        ("cash", "cash", true), ("cash", "no cash!", true), ("cash", "cashier", false), ("cash", "xcash", false),
        ("cash", "_cash_", true), ("cash", "cash2", false), ("ass", "grass", false), ("ass", "bråass", false),
        ("ås", "blås", false), ("ås", "på ås.", true), ("ås", "åså", false), ("$$", "a$$b", true),
        ("buy now", "please buy now", true), ("buy now", "buy nowhere", false), ("касса", "касса,", true),
        ("касса", "кассаx", false), ("免费", "现在免费领取", true), ("ฟรี", "แจกฟรีวันนี้", true),
        ("cash", "cash\u{301}", false), ("cash", "💰cash💰", true), ("cash", "a\u{2014}cash", true),
    ])
    func wholeWordsBeginAndEndWhereWordsDo(_ term: String, _ text: String, _ isFound: Bool) throws {
        #expect(try TermAutomaton(words([term])).found(in: text).found.isEmpty == !isFound)
        #expect(try TermAutomaton(words([term], .anywhere)).found(in: text).found.count == 1)
    }

    @Test func edgesMayComeFromTheCaller() throws {
        let automaton = try TermAutomaton(words(["buy", "now"]))
        let squeezed = Array("xbuynow".utf8)
        #expect(automaton.found(in: squeezed).found.isEmpty)
        let found = automaton.found(in: squeezed, edges: WordEdges([0, 1, 4, 7], byteCount: 7))
        #expect(found.found == [TermMatch(id: 0, start: 1, end: 4), TermMatch(id: 1, start: 4, end: 7)])
    }

    @Test func sameBytesMayStandForSeveralThings() throws {
        let terms = [
            Term(Array("free".utf8), id: 7, mode: .wholeWord), Term(Array("free".utf8), id: 8, mode: .anywhere),
            Term(Array("free".utf8), id: 9, mode: .wholeWord),
        ]
        let automaton = try TermAutomaton(terms)
        #expect(automaton.found(in: "free").found.map(\.id) == [8, 7, 9])
        #expect(automaton.found(in: "freedom").found.map(\.id) == [8])
    }

    @Test func nothingFindsNothing() throws {
        #expect(try TermAutomaton([]).found(in: "anything").found.isEmpty)
        #expect(try TermAutomaton(words(["a"])).found(in: "").found.isEmpty)
    }

    @Test func termsThatCannotBeAreNamedTogether() throws {
        var limits = Limits.Rules()
        (limits.termBytes, limits.terms, limits.termsBytes) = (4, 5, 13)
        let terms = ["ab", "", "abcde", "abcd", "abcd", "a", "b"].map { Term(Array($0.utf8), id: 0, mode: .anywhere) }
        let error = try #require(throws: TermError.self) { try TermAutomaton(terms, limits: limits) }
        #expect(
            error.faults == [
                TermFault(index: 1, reason: .empty), TermFault(index: 2, reason: .tooLong(bytes: 5, limit: 4)),
                TermFault(index: 4, reason: .tooLargeTogether(limit: 13)),
                TermFault(index: 5, reason: .tooMany(limit: 5)),
            ]
        )
        #expect(error.description.hasPrefix("term 2: nothing is left of the term once it is folded"))
    }

    /// Few different bytes, so that terms nest and overlap; rows for all states, for some and for the root alone.
    @Test(arguments: [0, 64, 1_000, 4_194_304])
    func agreesWithTheNaiveSearch(denseBytes: Int) throws {
        var random = SeededRandom()
        let alphabets: [[String]] = [
            ["a", "b"], ["a", "b", " "], ["a", "é", " ", "免", "-"], ["x", "\u{301}", "😀", "7", "ท"],
        ]
        for round in 0..<200 {
            let alphabet = alphabets[round % alphabets.count]
            func text(_ most: Int, _ random: inout SeededRandom) -> [UInt8] {
                (0..<Int.random(in: 1...most, using: &random)).flatMap { _ in
                    alphabet.randomElement(using: &random)?.utf8 ?? "".utf8
                }
            }
            let terms = (0..<Int.random(in: 1...30, using: &random)).map {
                Term(text(6, &random), id: UInt32($0), mode: Bool.random(using: &random) ? .anywhere : .wholeWord)
            }
            var limits = Limits.Rules()
            (limits.denseBytes, limits.matchesPerText) = (denseBytes, .max)
            let automaton = try TermAutomaton(terms, limits: limits)
            let sample = text(60, &random)
            let found = automaton.found(in: sample).found.sorted(by: TermMatch.precedes)
            #expect(
                found == NaiveTerms(terms: terms).matches(in: sample).sorted(by: TermMatch.precedes),
                "seed \(random.seed)"
            )
        }
    }

    @Test(arguments: [1_024, 4_194_304])
    func anyByteMayStandInTermsAndTexts(denseBytes: Int) throws {
        var random = SeededRandom()
        var limits = Limits.Rules()
        limits.denseBytes = denseBytes
        let singles = (0...255).map { Term([UInt8($0)], id: UInt32($0), mode: .anywhere) }
        let all = try TermAutomaton(singles, limits: limits)
        #expect(all.found(in: [UInt8](0...255)).found.map(\.id) == [UInt32](0...255))

        let terms = (0..<300).map { id in
            let bytes = (0..<Int.random(in: 1...4, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
            }
            return Term(bytes, id: UInt32(id), mode: .anywhere)
        }
        let automaton = try TermAutomaton(terms, limits: limits)
        let text = (0..<100).flatMap { _ in
            Bool.random(using: &random)
                ? terms[Int.random(in: 0..<300, using: &random)].bytes : [.random(in: 0...255, using: &random)]
        }
        let found = automaton.found(in: text).found.sorted(by: TermMatch.precedes)
        #expect(
            found == NaiveTerms(terms: terms).matches(in: text).sorted(by: TermMatch.precedes),
            "seed \(random.seed)"
        )
    }

    @Test func textThatIsNotUTF8IsSearchedAllTheSame() throws {
        var random = SeededRandom()
        let automaton = try TermAutomaton(words(["a", "\u{E9}"]))
        for _ in 0..<200 {
            let text: [UInt8] = (0..<40).map { _ in
                [0x61, 0xC3, 0xA9, 0xE5, 0xF4, 0x80, 0xFF, 0x20].randomElement(using: &random) ?? 0
            }
            let found = automaton.found(in: text)
            #expect(found.found.allSatisfy { Int($0.end) <= text.count }, "seed \(random.seed)")
        }
    }

    @Test(arguments: [0, 4_194_304])
    func nestedTermsStopAtTheLimit(denseBytes: Int) throws {
        var limits = Limits.Rules()
        (limits.termBytes, limits.denseBytes) = (1_000, denseBytes)
        let terms = (1...1_000).map { Term([UInt8](repeating: 0x61, count: $0), id: UInt32($0), mode: .anywhere) }
        let text = [UInt8](repeating: 0x61, count: 16_384)
        let found = try TermAutomaton(terms, limits: limits).found(in: text)
        #expect(found.found.count == limits.matchesPerText)
        #expect(!found.isComplete)

        let whole = terms.map { Term($0.bytes, id: $0.id, mode: .wholeWord) }
        let none = try TermAutomaton(whole, limits: limits).found(in: text)
        #expect(none.found.isEmpty)
        #expect(none.isComplete)
        let last = try TermAutomaton(whole, limits: limits).found(in: text.prefix(500) + [0x20] + text.prefix(7))
        #expect(last.found.map(\.id) == [500, 7])
    }

    @Test func aHundredThousandTermsThatBeginAlike() throws {
        let prefix = [UInt8](repeating: 0x70, count: 30)
        let terms = (0..<100_000).map { Term(prefix + Array("\($0)".utf8), id: UInt32($0), mode: .wholeWord) }
        let automaton = try TermAutomaton(terms)
        #expect(automaton.byteCount < 10_000_000)
        let text = prefix + Array("4711 ".utf8) + prefix + Array("99999 ".utf8) + prefix + Array("100000".utf8)
        #expect(automaton.found(in: text).found.map(\.id) == [4_711, 99_999])
    }
}
