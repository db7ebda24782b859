import Foundation
import TestSupport
import Testing

@testable import Rules

struct SpamExtractorTests {
    private let extractor = SpamExtractor()

    private func check(_ text: String, _ comment: Comment) {
        extractor.extract(text)
        let straight = StraightFeatures(text)
        let expected: [(FeatureGroup, Set<UInt32>)] = [
            (.words, straight.words), (.characters, straight.characters), (.squeezed, straight.squeezed),
        ]
        for (group, places) in expected {
            let found = Array(extractor.features[group])
            #expect(Set(found) == places, "\(group): \(comment)")
            #expect(found.count == places.count, "each once: \(group): \(comment)")
        }
    }

    /// Pieces in which everything that the features tell apart occurs.
    private static let pieces = [
        "call", "NOW", "don't", "I'm", "fr33", "W1N", "c@ll", "£500", "08001234567", "0800 123 456", "86021",
        "www.ab.com",
        "http://x.y/z", "a.b@c.de", "buy.now", "…", "!!!", "??", "😀", "\u{200B}", "é", "ø", "ｆｒｅｅ", "Привет", "рау",
        "你好",
        "&lt;#&gt;", "&amp;", "coooool", "\u{301}", "’", "“x”", "50%", "*", "€uro", "h€llo", " ", "  ", "\t", "\n", "a",
        "1",
    ]

    @Test func findsWhatThePlainWayFinds() {
        var random = SeededRandom()
        for round in 0..<400 {
            var text = ""
            for _ in 0..<Int.random(in: 0...30, using: &random) {
                text += Self.pieces[Int.random(in: 0..<Self.pieces.count, using: &random)]
                if Bool.random(using: &random) { text += " " }
            }
            check(text, "seed \(random.seed), round \(round)")
        }
    }

    @Test func findsWhatThePlainWayFindsInLabelledTexts() throws {
        for text in try SpamFixture.texts() { check(text.text, "\(text.text)") }
    }

    /// Hashes of stretches that differ in one scalar stand in different places, but for one in 2^18.
    @Test func hashesSpread() {
        var random = SeededRandom()
        var same = 0
        for _ in 0..<20_000 {
            let (first, second) = (
                UInt32.random(in: 0..<0x110000, using: &random), UInt32.random(in: 0..<0x110000, using: &random)
            )
            let seed = FeatureGroup.characters.seed
            if first != second,
                SpamHash.place(SpamHash.joined(seed, first)) == SpamHash.place(SpamHash.joined(seed, second))
            {
                same += 1
            }
        }
        #expect(same < 5, "seed \(random.seed)")
    }

    @Test func whatATextWasBeforeLeavesNoTrace() throws {
        let texts = try SpamFixture.texts().prefix(50)
        let fresh = texts.map { text in
            let extractor = SpamExtractor()
            extractor.extract(text.text)
            return FeatureGroup.allCases.map { Array(extractor.features[$0]) }
        }
        for (text, expected) in zip(texts, fresh) {
            extractor.extract(String(repeating: "noise 123 ", count: 500))
            extractor.extract(text.text)
            #expect(FeatureGroup.allCases.map { Array(extractor.features[$0]) } == expected)
        }
    }

    struct Hostile: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
    }

    @Test(arguments: [
        Hostile(testDescription: "nothing", text: ""),
        Hostile(testDescription: "100,000 characters", text: String(repeating: "Win £5! ", count: 12_500)),
        Hostile(testDescription: "all zero-width", text: String(repeating: "\u{200B}", count: 100_000)),
        Hostile(testDescription: "a million marks", text: "a" + String(repeating: "\u{301}", count: 1_000_000)),
        Hostile(testDescription: "NUL", text: "call\0now\0\0"),
        Hostile(
            testDescription: "what becomes eighteen times as long",
            text: String(repeating: "\u{FDFA}", count: 20_000)
        ),
        Hostile(testDescription: "entities", text: String(repeating: "&amp;", count: 20_000)),
        Hostile(testDescription: "digits", text: String(repeating: "1-", count: 50_000)),
        Hostile(testDescription: "dots", text: String(repeating: ".", count: 100_000)),
        Hostile(testDescription: "flags", text: String(repeating: "🇳🇴", count: 20_000)),
    ])
    func takesAnyText(_ hostile: Hostile) throws {
        extractor.extract(hostile.text)
        let model = try #require(SpamFixture.model)
        let score = model.score(extractor)
        #expect(score.probability >= 0 && score.probability <= 1)
        #expect(model.reasons(extractor).count <= 5)
        extractor.extract("WINNER!! Claim your £900 prize, call 09061234567 now")
        #expect(model.score(extractor).probability > 0.5, "and the next text is scored as ever")
    }

    @Test(arguments: [
        ("Call 08001234567 now", [SpamSignal.phones: 1, .digits: 11, .shortNumbers: 0, .noContact: 0]),
        ("Call 0800 123 4567 now", [.phones: 1]),
        ("Text WIN to 86021", [.shortNumbers: 1, .phones: 0, .capitalWords: 1]),
        ("only £1.50 per msg", [.prices: 1]),
        ("150p a minute", [.prices: 1]),
        ("see www.example.com and http://a.b/c", [.links: 2]),
        ("mail me at anna@example.org", [.emails: 1]),
        ("Hello!!! really??", [.exclamations: 3, .questions: 2, .beginsCapital: 1, .beginsSmall: 0]),
        ("sooo gooood", [.stretched: 2, .beginsSmall: 1]),
        ("yes yes yes", [.repeatedWords: 2]),
        ("£500 for 08001234567", [.phoneAndPrice: 1]),
        ("f\u{200B}r\u{200B}ee", [.invisibles: 2]),
        ("see you.", [.endsWithStop: 1, .noContact: 1]),
    ])
    func seesWhatAPersonSees(_ text: String, _ expected: [SpamSignal: Int]) {
        extractor.extract(text)
        for (signal, value) in expected { #expect(extractor.signals[signal] == value, "\(signal) of \(text)") }
    }
}
