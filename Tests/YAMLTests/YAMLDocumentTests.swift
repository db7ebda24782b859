import Testing
import YAML

struct YAMLDocumentTests {
    private func root(_ text: String) throws -> YAMLNode { try YAMLDocument(Array(text.utf8), file: "f.yaml").root }

    @Test func keepsEveryPosition() throws {
        let root = try root("# rules\nname: watch\nlist:\n  - 1\n  - {b: \"x y\"}\n")
        let entries = try #require(root.mapping)
        #expect(root.position == YAMLPosition(line: 2, column: 1))
        #expect(entries.map(\.key) == ["name", "list"])
        #expect(entries.map(\.keyPosition.description) == ["2:1", "3:1"])
        let list = try #require(root["list"]?.sequence)
        #expect(list.map(\.position.description) == ["4:5", "5:5"])
        #expect(list[1].mapping?.first?.keyPosition == YAMLPosition(line: 5, column: 6))
        #expect(list[1]["b"]?.position == YAMLPosition(line: 5, column: 9))
        #expect(list[1]["b"]?.text == "x y")
        #expect(root["none"] == nil)
    }

    @Test(arguments: [
        ("x", "x"), ("'it''s'", "it's"), ("\"tab\\tend\"", "tab\tend"), ("|\n  one\n  two\n", "one\ntwo\n"),
        (">-\n  one\n  two\n", "one two"), ("no", "no"), ("1.10", "1.10"), ("0x1F", "0x1F"), ("été # ignored", "été"),
        ("\"\\u00e9\"", "é"), ("", ""),
    ])
    func textIsNotInterpreted(_ written: String, _ text: String) throws {
        #expect(try root("a: \(written)")["a"]?.text == text)
    }

    @Test func typesAreReadOnlyFromPlainText() throws {
        let node = try root(
            "i: -12\nn: 1.5e3\nt: true\nq: \"12\"\ny: yes\ninf: .inf\nhex: 0x1F\nbig: 99999999999999999999\n"
        )
        #expect(node["i"]?.integer == -12)
        #expect(node["i"]?.number == -12)
        #expect(node["n"]?.number == 1_500)
        #expect(node["n"]?.integer == nil)
        #expect(node["t"]?.bool == true)
        #expect(node["q"]?.integer == nil)
        #expect(node["q"]?.text == "12")
        #expect(node["y"]?.bool == nil)
        #expect(node["inf"]?.number == nil)
        #expect(node["hex"]?.number == nil)
        #expect(node["big"]?.integer == nil)
    }

    @Test(arguments: ["", "\n", "# only a comment\n", "---\n", "---\n...\n", "\u{FEFF}", "~", "null"])
    func nothingIsNull(_ text: String) throws {
        #expect(try root(text).isNull)
        #expect(try root(text).kind == "nothing")
    }

    @Test func aByteOrderMarkIsNoText() throws {
        let node = try root("\u{FEFF}a: 1\n")
        #expect(node["a"]?.integer == 1)
        #expect(node.mapping?.first?.keyPosition == YAMLPosition(line: 1, column: 1))
    }

    @Test(arguments: [("[]", "a list"), ("{}", "a mapping"), ("x", "text"), ("3", "a number"), ("'3'", "text")])
    func kindsHaveNames(_ text: String, _ kind: String) throws { #expect(try root(text).kind == kind) }

    @Test func carriageReturnsEndLines() throws {
        let node = try root("a: 1\r\nb: 2\r\n")
        #expect(node["b"]?.integer == 2)
        #expect(node["b"]?.position == YAMLPosition(line: 2, column: 4))
    }

    @Test func errorsOfTheReaderNameThePlace() throws {
        let document = try YAMLDocument(Array("a: 1\n".utf8), file: "rules.yaml")
        let error = document.error(at: try #require(document.root["a"]).position, "found 1; allowed: 2 to 9")
        #expect(error.description == "rules.yaml:1:4: found 1; allowed: 2 to 9")
    }
}
