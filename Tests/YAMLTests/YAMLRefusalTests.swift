import Limits
import TestSupport
import Testing
import YAML

/// What is refused, and exactly where.
struct YAMLRefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        let position: String
        let says: String

        init(_ name: String, _ text: String, at position: String, says: String) {
            (testDescription, self.text, self.position, self.says) = (name, text, position, says)
        }
    }

    static let malformed = [
        Case("anchor", "a: &x 1\n", at: "1:4", says: "anchors are not allowed"),
        Case("anchor on a list", "a: &x\n  - 1\n", at: "1:4", says: "anchors are not allowed"),
        Case("anchor on a key", "&x a: 1\n", at: "1:1", says: "anchors are not allowed"),
        Case("alias", "a: 1\nb: *x\n", at: "2:4", says: "aliases are not allowed"),
        Case("alias as a key", "*x : 1\n", at: "1:1", says: "aliases are not allowed"),
        Case("own tag", "a: !secret x\n", at: "1:4", says: "tags are not allowed"),
        Case("standard tag", "a:\n  - !!int 3\n", at: "2:5", says: "tags are not allowed"),
        Case("tag on a mapping", "!m\na: 1\n", at: "1:1", says: "tags are not allowed"),
        Case("merge key", "<<: {a: 1}\n", at: "1:1", says: "merging is not allowed"),
        Case("key twice", "a: 1\nb: 2\na: 3\n", at: "3:1", says: "\"a\" again, first at 1:1"),
        Case("key twice, quoted", "x:\n  a: 1\n  \"a\": 2\n", at: "3:3", says: "\"a\" again, first at 2:3"),
        Case("key twice in braces", "{a: 1, a: 2}\n", at: "1:8", says: "\"a\" again, first at 1:2"),
        Case("second document", "a: 1\n---\nb: 2\n", at: "2:1", says: "a second document"),
        Case("second document, empty", "a: 1\n---\n", at: "2:1", says: "a second document"),
        Case("YAML directive", "%YAML 1.1\n---\na: 1\n", at: "1:1", says: "directives are not allowed"),
        Case("TAG directive", "%TAG ! tag:x,2000:\n---\na: 1\n", at: "1:1", says: "directives are not allowed"),
        Case("tab as indentation", "a:\n\tb: 1\n", at: "2:1", says: "indent with spaces"),
        Case("tab after other entries", "a: 1\nb:\n  c: 1\n\td: 2\n", at: "4:1", says: "indent with spaces"),
        Case("at sign", "a: @here\n", at: "1:4", says: "quote text that begins"),
        Case("backtick", "a: `x`\n", at: "1:4", says: "quote text that begins"),
        Case("per cent sign", "a: 1\nb: %x\n", at: "2:4", says: "quote text that begins"),
        Case("colon in text", "a: time: 10\n", at: "1:8", says: "quote text that holds a colon"),
        Case("indented too far", "a: 1\n  b: 2\n", at: "2:4", says: "quote text that holds a colon"),
        Case("indented too little", "a:\n    b: 1\n  c: 2\n", at: "3:3", says: "begin in the same column"),
        Case("list under an entry", "a: 1\n- b\n", at: "2:1", says: "begin in the same column"),
        Case("key without colon", "a: 1\nb\n", at: "3:1", says: "followed by a colon"),
        Case("colon without key", ": 2\n", at: "1:1", says: "write the key before the colon"),
        Case("colon without key, in braces", "{: 1}\n", at: "1:2", says: "write the key before the colon"),
        Case("colon without key, later", "a: 1\n: 2\n", at: "2:1", says: "write the key before the colon"),
        Case("list as a key", "[a, b]: 1\n", at: "1:1", says: "a key is text"),
        Case("mapping as a key", "? {a: 1}\n: 2\n", at: "1:3", says: "a key is text"),
        Case("open bracket", "a: [1, 2\nb: 3\n", at: "2:2", says: "close what was opened"),
        Case("open brace", "a: {b: 1\n", at: "2:1", says: "close what was opened"),
        Case("closing bracket alone", "a: ]\n", at: "1:4", says: "did not find expected"),
        Case("open double quote", "a: \"x\n", at: "1:4", says: "close the quotes"),
        Case("open single quote", "a: 'x\nb: 1\n", at: "1:4", says: "close the quotes"),
        Case("unknown escape", "a: \"\\q\"\n", at: "1:5", says: "a backslash that means nothing"),
        Case("text after quotes", "a: \"x\" y\n", at: "1:8", says: "does not go on as the lines before"),
        Case("control character", "a: 1\nb: x\u{1}y\n", at: "2:5", says: "without control characters"),
        Case("column counts characters", "ключ: 1\nимя: &x 2\n", at: "2:6", says: "anchors are not allowed"),
    ]

    @Test(arguments: malformed)
    func isRefused(_ example: Case) {
        let error = #expect(throws: YAMLError.self) { try YAMLDocument(Array(example.text.utf8), file: "f.yaml") }
        #expect(error?.position.description == example.position)
        #expect(error?.problem.contains(example.says) == true, "\(error?.problem ?? "nothing")")
        #expect(error?.description.hasPrefix("f.yaml:\(example.position): ") == true)
    }

    @Test(
        arguments: [[0xFF], [0x61, 0x3A, 0x20, 0xC3, 0x28], [0xED, 0xA0, 0x80], [0xFE, 0xFF, 0x00, 0x61]] as [[UInt8]]
    )
    func onlyUTF8IsText(_ bytes: [UInt8]) {
        let error = #expect(throws: YAMLError.self) { try YAMLDocument(Array("x: 1\n".utf8) + bytes, file: "f.yaml") }
        #expect(error?.position.line == 2)
        #expect(error?.problem.contains("only UTF-8") == true)
    }

    /// What strict YAML leaves out can be noted, and the rest read.
    @Test func goesOnAfterWhatIsLeftOut() throws {
        let yaml = "a: &x 1\nb: *x\na: 2\n<<: { c: 3 }\n[d]: 4\ne: !!str 5\n*x : 6\nf: [7, *x]\n"
        var problems: [YAMLError] = []
        let document = try YAMLDocument(Array(yaml.utf8), file: "a.yaml", problems: &problems)
        #expect(
            problems.map { "\($0.position) \($0.problem.prefix { $0 != ";" })" } == [
                "1:4 found an anchor (&name)", "2:4 found an alias (*name)",
                "3:1 found the key \"a\" again, first at 1:1",
                "4:1 found a merge key (<<)", "5:1 found a list or mapping as a key", "6:4 found a tag (!name)",
                "7:1 found an alias (*name)", "8:8 found an alias (*name)",
            ]
        )
        #expect(document.root.mapping?.map(\.key) == ["a", "b", "e", "f"])
        #expect(document.root["a"]?.integer == 1)
        #expect(document.root["b"]?.isNull == true)
        #expect(document.root["f"]?.sequence?.map(\.isNull) == [false, true])
    }

    @Test func whatWasNotedBeforeAnErrorIsKept() {
        var problems: [YAMLError] = []
        #expect(throws: YAMLError.self) {
            try YAMLDocument(Array("a: 1\na: 2\nb: [".utf8), file: "a.yaml", problems: &problems)
        }
        #expect(problems.map(\.position.line) == [2])
    }

    @Test func boundsAreKept() {
        var limits = Limits.YAML()
        (limits.bytes, limits.depth, limits.nodes) = (40, 3, 8)
        let tooLong = String(repeating: "#", count: 41)
        let tooDeep = "a:\n  b:\n    - 1\n"
        let tooMany = "[1, 2, 3, 4, 5, 6, 7, 8]"
        for (text, position, says) in [
            (tooLong, "1:1", "at most 40"), (tooDeep, "3:7", "deeper than 3"), (tooMany, "1:23", "more than 8"),
        ] {
            let error = #expect(throws: YAMLError.self) {
                try YAMLDocument(Array(text.utf8), file: "f.yaml", limits: limits)
            }
            #expect(error?.position.description == position)
            #expect(error?.problem.contains(says) == true, "\(error?.problem ?? "nothing")")
        }
    }

    /// Whatever the bytes, the answer is a document or an error, never a crash.
    @Test func survivesMutations() {
        var random = SeededRandom()
        let marks = Array("&*!%@{}[]:-\"'\n\t ".utf8)
        let original = Array("a: [1, {b: 'x'}]\nc: |\n  text\n\"d\": >-\n  é\nf: {g: \"\\u00e9\"}\n".utf8)
        var accepted = 0
        for _ in 0..<5_000 {
            var bytes = original
            for _ in 0...Int(random.next() % 4) {
                let index = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 3 {
                case 0: bytes[index] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: index)
                default: bytes.insert(marks[Int(random.next() % UInt64(marks.count))], at: index)
                }
            }
            if (try? YAMLDocument(bytes, file: "f.yaml")) != nil { accepted += 1 }
        }
        #expect(accepted > 0 && accepted < 5_000, "seed \(random.seed)")
    }
}
