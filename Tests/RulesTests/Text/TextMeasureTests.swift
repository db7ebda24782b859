import TestSupport
import Testing

@testable import Rules

struct TextMeasureTests {
    @Test(arguments: [
        (Measure.length, "héllo 👩‍👩‍👧", 7.0), (.length, "a\r\nb", 3), (.length, "", 0), (.words, "don't stop, 2 go!", 4),
        (.words, "été là", 2),
        (.words, "你好", 2), (.capitals, "ABcd 12", 0.5), (.capitals, "ÄÖü", 2.0 / 3), (.capitals, "123", 0),
        (.emoji, "👍🏽👩‍👩‍👧🇳🇴🇸🇪❤️1️⃣ 1 ™", 6),
        (.emoji, "no", 0), (.zalgo, "z\u{301}\u{302}\u{303}a\u{301}", 3), (.zalgo, "plain", 0),
        (.hidden, "a\u{200B}b\u{FEFF}c", 2),
        (.hidden, "a&#8203;b\u{0}", 2), (.repeated, "heeeey!!", 4), (.repeated, "a    b", 1), (.repeated, "ééé", 3),
        (.markup, "<b>x</b> <!-- y --> 1 < 2 <3", 3),
        (.markup, "a > b", 0), (.scripts, "hello", 1), (.scripts, "hello привет", 2), (.scripts, "日本のテスト", 1),
        (.scripts, "123", 0),
        (.mixedWords, "p\u{430}ypal привет hello", 1), (.mixedWords, "日本ABC", 1),
        (.links, "a.example.com b.example.com", 2),
        (.contacts, "jo@example.com +4791234567 paypal.me/jo", 3), (.money, "$5 €6", 2), (.phones, "none", 0),
    ])
    func counts(_ measure: Measure, _ text: String, _ expected: Double) {
        let folder = TextFolder()
        folder.fold(text)
        #expect(folder.value(of: measure) == expected)
    }

    @Test
    func whatIsNotOfTheTextIsUnknown() {
        let folder = TextFolder()
        folder.fold("x")
        #expect(folder.value(of: .attachments) == nil && folder.value(of: .mentions) == nil)
    }

    @Test
    func likenessSurvivesSmallChanges() {
        let text = "Selling my old bike, 7 gears, nearly new tyres, pick up in Oslo after five today"
        #expect(likeness(text).digest == likeness("  \(text.uppercased()) ").digest)
        #expect(likeness(text).digest != likeness(text.replacing("7", with: "8")).digest)
        #expect(TextLikeness.isSimilar(likeness(text).sketch, likeness(text.replacing("7", with: "21")).sketch))
        #expect(
            !TextLikeness.isSimilar(
                likeness(text).sketch,
                likeness("Is this still available? I could come by tomorrow").sketch
            )
        )
        #expect(TextLikeness.isSimilar(likeness("hi").sketch, likeness("HI").sketch))
        #expect(!TextLikeness.isSimilar(likeness("hi").sketch, likeness("yes").sketch))
    }

    @Test(arguments: [
        ("secret word", [0..<6], "****** word"), ("héé x", [1..<2], "h*é x"), ("abc", [2..<9, 0..<1], "*b*"),
        ("abc", [], "abc"),
        ("👩‍👩‍👧!", [0..<4], "*!"),
    ])
    func masksWholeCharacters(_ text: String, _ ranges: [Range<Int>], _ expected: String) {
        #expect(Masker.masked(text, ranges, with: "*") == expected)
    }

    @Test(arguments: [
        ("<b>bold</b> text", "bold text"), ("a<script>alert(1)</script>b", "ab"), ("a<STYLE x='>'>p{}</style >b", "ab"),
        ("1 < 2 > 1", "1 < 2 > 1"),
        ("x<img src=a onerror=alert(1)", "x"), ("&lt;script&gt;x", "&lt;script>x"), ("&amp;lt;b&gt;", "&lt;b>"),
        ("a<!-- <b> -->b", "ab"), ("fish &amp; chips", "fish &amp; chips"),
        ("<scr<script>x</script>ipt>alert(1)", "xipt>alert(1)"), ("a<a title=\">\">b</a>", "ab"), ("&eacute;", "é"),
        ("<<b>script>", "&lt;script>"), ("plain", "plain"),
    ])
    func removesMarkup(_ text: String, _ expected: String) {
        #expect(MarkupRemover.plainText(text) == expected)
    }

    @Test
    func nothingIsMarkupAfterwards() {
        var random = SeededRandom()
        let parts = [
            "<", ">", "/", "script", "b", "!--", "-->", "&lt;", "&amp;", "&#60", ";", "'", "\"", "=", " ", "style",
        ]
        for _ in 0..<3_000 {
            let text = (0..<Int.random(in: 0..<30, using: &random)).map { _ in parts.randomElement(using: &random) ?? ""
            }.joined()
            var plain = MarkupRemover.plainText(text)
            #expect(plain.withUTF8 { MarkupRemover.tagCount($0) } == 0, "TEST_SEED=\(random.seed) \(text)")
        }
    }

    private func likeness(_ text: String) -> TextLikeness {
        let folder = TextFolder()
        folder.fold(text)
        return TextLikeness(folder.folded)
    }
}
