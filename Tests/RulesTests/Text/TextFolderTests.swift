import Foundation
import Limits
import TestSupport
import Testing

@testable import Rules

struct TextFolderTests {
    @Test(arguments: [
        ("Buy NOW", "buy now"),
        ("a  b\t\n c", "a b c"),
        ("fish &amp; chips &lt;b&gt; &#x41;&#66 &amp;lt; &nope; AT&T", "fish & chips <b> ab < &nope; at&t"),
        ("b\u{200B}u\u{AD}y", "buy"),
        ("z\u{301}\u{302}a\u{303}lgo caf\u{E9} cafe\u{301}", "zalgo cafe cafe"),
        ("\u{FF22}\u{FF35}\u{FF39} \u{1D41B}\u{1D42E}\u{1D432} \u{24D1}\u{24E4}\u{24E8}", "buy buy buy"),
        ("р\u{430}ypal \u{421}\u{406}ICK", "paypal ciick"),
        ("привет как дела", "привет как дела"),
        ("don\u{2019}t \u{201C}wait\u{201D} \u{2013} go\u{B4}s", "don't \"wait\" - go's"),
        ("ø đ ŧ ł Ærlig", "o d t l aerlig"),
        ("й ё Й и\u{306}", "й ё й й"),
        ("\u{1100}\u{1161}\u{11A8} 각", "각 각"),
        ("nul\u{0}l", "null"),
        ("日本\u{3000}語", "日本 語"),
        ("ﬁne ½ …", "fine 1\u{2044}2 ..."),
        ("", ""),
    ])
    func folds(_ text: String, to expected: String) {
        let folder = TextFolder()
        folder.fold(text)
        #expect(folder.folded.text == expected)
    }

    @Test(arguments: [
        ("fr33 m0ney", "free money"),
        ("b u y  n o w", "buy now"),
        ("b u y\nn o w", "buy now"),
        ("b.u.y f-r-e-e", "buy free"),
        ("v i @ g r a", "viagra"),
        ("freeee sooooo goooal", "free soo gooal"),
        ("c@sh! f!nd $ale", "cash! find sale"),
        ("e.g. i.e. a b plan", "e.g. i.e. a b plan"),
        ("plan a b c d", "plan abcd"),
        ("me@site4all.com http://a4a.com/b00k", "me@site4all.com http://a4a.com/b00k"),
        ("b. u. y. b . u . y", "b. u. y. buy"),
        ("100 $5 10:30 b4 2day", "100 $5 10:30 b4 2day"),
        ("ппппривет", "ппривет"),
    ])
    func reveals(_ text: String, as expected: String) {
        let folder = TextFolder()
        folder.fold(text)
        #expect(folder.revealed.text == expected)
    }

    @Test
    func countsWhatItDid() {
        let folder = TextFolder()
        folder.fold("b\u{200B}u\u{200C}y \u{FF22}ig z\u{301}\u{302} р\u{430}y")
        #expect(folder.counts == TextFolder.Counts(invisibles: 2, compatibility: 1, combining: 2, folded: 2))
    }

    @Test(arguments: [
        ("say BUY now", "buy", "BUY"),
        ("say b\u{200B}u\u{301}y\u{302} now", "buy", "b\u{200B}u\u{301}y\u{302}"),
        ("a &amp;&lt;x", "<", "&lt;"),
        ("x  \n y", " ", "  \n "),
        ("ﬁne", "f", "ﬁ"),
        ("👍🏽 ok", "👍", "👍🏽"),
        ("ok 👩‍👩‍👧", "👧", "👩‍👩‍👧"),
    ])
    func findsTheWayBack(_ text: String, _ match: String, _ written: String) throws {
        let folder = TextFolder()
        folder.fold(text)
        let range = try #require(folder.folded.range(of: match))
        #expect(folder.rawText(of: range, in: .folded) == written)
    }

    @Test(arguments: [
        ("go b u y  now", "buy", "b u y"), ("so fr33.", "free", "fr33"), ("a freeee lunch", "free", "freeee"),
        ("B.U.Y!", "buy", "B.U.Y"),
    ])
    func findsTheWayBackFromDisguise(_ text: String, _ match: String, _ written: String) throws {
        let folder = TextFolder()
        folder.fold(text)
        #expect(folder.isDisguised)
        let range = try #require(folder.revealed.range(of: match))
        #expect(folder.rawText(of: range, in: .revealed) == written)
    }

    @Test
    func wordsEndWhereScriptsSay() throws {
        let folder = TextFolder()
        for (text, word, isWhole) in [
            ("buy now", "buy", true), ("buying", "buy", false), ("été là", "ete", true), ("приветы", "привет", false),
            ("加我微信号", "微信", true), ("x2 buy2", "buy", false), ("«Buy»", "buy", true),
        ] {
            folder.fold(text)
            let range = try #require(folder.folded.range(of: word))
            let isFound =
                folder.folded.isWordBoundary(range.lowerBound) && folder.folded.isWordBoundary(range.upperBound)
            #expect(isFound == isWhole, "\(text)")
        }
    }

    @Test
    func termsAreSpelledAsTextsAre() {
        #expect(TextFolder.folding(term: " Buy  NOW ").folded == [Array("buy now".utf8)])
        #expect(
            TextFolder.folding(term: "buy now").revealed.map(String.init(utf8:)) == [
                "buy now", "buynow", "buy noww", "buynoww",
            ]
        )
        #expect(TextFolder.folding(term: "freee").revealed.map(String.init(utf8:)) == ["free"])
        for text in ["НАС", "нас", "Нас", "НАСы"] {
            let folder = TextFolder()
            folder.fold(text)
            #expect(
                TextFolder.folding(term: "нас").folded.contains { folder.folded.text.hasPrefix(String(utf8: $0)) },
                "\(text)"
            )
        }
    }

    @Test
    func theModelsFormKeepsCase() {
        let text = NormalisedText("Р\u{430}y\u{200B}  \u{FF2E}\u{B4}OW Caf\u{E9} НАС")
        #expect(String(utf8: text.bytes) == "Pay  N \u{301}OW Cafe HAC")
        #expect(text.counts == TextFolder.Counts(invisibles: 1, compatibility: 2, combining: 1, folded: 5))
    }

    @Test
    func aLongTextIsCutAtACharacter() {
        let folder = TextFolder(limits: Limits.Rules())
        folder.fold(String(repeating: "é", count: 10_000))
        #expect(folder.isCut && folder.rawCount == 16_384)
        folder.fold("x" + String(repeating: "é", count: 10_000))
        #expect(folder.isCut && folder.rawCount == 16_383)
        folder.fold(String(repeating: "\u{FDFA}", count: 4_000))
        #expect(folder.isCut && folder.folded.count <= 49_152)
        folder.fold("short")
        #expect(!folder.isCut)
    }

    @Test(arguments: [
        String(repeating: "\u{200B}", count: 100_000),
        "a" + String(repeating: "\u{301}\u{323}", count: 500_000),
        "я" + String(repeating: "\u{301}\u{323}", count: 500_000),
        String(repeating: "\u{FF21}", count: 65_536), String(repeating: "\u{0}", count: 65_536),
        String(repeating: "a ", count: 65_536), String(repeating: "&amp;", count: 65_536),
        "&" + String(repeating: "amp;", count: 65_536), String(repeating: "1a", count: 65_536),
        String(repeating: "😀", count: 65_536), String(decoding: [UInt8](repeating: 0xFF, count: 65_536), as: UTF8.self),
    ])
    func hostileTextsAreOnlyTexts(_ text: String) {
        let folder = TextFolder()
        folder.fold(text)
        #expect(folder.isCut)
        #expect(folder.folded.count <= 49_152 && folder.revealed.count <= 49_152)
    }

    @Test
    func anyTextHasAWayBackOfWholeCharacters() {
        var random = SeededRandom()
        let folder = TextFolder()
        for _ in 0..<1_500 {
            folder.fold(RandomText.next(&random))
            let raw = folder.raw
            let bounds = Set(Self.bounds(String(utf8: raw)))
            for (form, kind) in [(folder.folded, TextFolder.Form.folded), (folder.revealed, .revealed)]
            where form.count > 0 {
                #expect(String(validating: form.bytes, as: UTF8.self) != nil, "TEST_SEED=\(random.seed)")
                for _ in 0..<8 {
                    let start = Int.random(in: 0..<form.count, using: &random)
                    let end = Int.random(in: start...form.count, using: &random)
                    let range = folder.raw(of: start..<end, in: kind)
                    #expect(
                        bounds.contains(range.lowerBound) && bounds.contains(range.upperBound),
                        "TEST_SEED=\(random.seed)"
                    )
                    #expect(start == end || !range.isEmpty, "TEST_SEED=\(random.seed)")
                }
            }
        }
    }

    @Test
    func foldingTwiceIsFoldingOnce() {
        var random = SeededRandom()
        let folder = TextFolder()
        for _ in 0..<3_000 {
            // Without what may be an entity: folding may make one of what was none.
            folder.fold(RandomText.next(&random).filter { $0 != ";" && $0 != "#" && $0 != "\u{37E}" })
            guard !folder.isCut, !folder.folded.bytes.contains(UInt8(ascii: "&")) else { continue }
            let once = folder.folded.text
            folder.fold(once)
            #expect(
                folder.folded.text == once,
                "TEST_SEED=\(random.seed) \(once.unicodeScalars.map { String($0.value, radix: 16) })"
            )
        }
    }

    @Test
    func anyBytesAreFolded() {
        var random = SeededRandom()
        let folder = TextFolder()
        for _ in 0..<1_000 {
            let bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            folder.fold(bytes: bytes)
            #expect(String(validating: folder.folded.bytes, as: UTF8.self) != nil, "TEST_SEED=\(random.seed)")
        }
    }

    private static func bounds(_ text: String) -> [Int] {
        text.reduce(into: [0]) { bounds, character in bounds.append((bounds.last ?? 0) + character.utf8.count) }
    }
}
