import JSON
import Testing

struct JSONParserTests {
    @Test(arguments: [
        ("", JSONError.empty), ("  \n", .empty), ("{", .malformed), (#"{"a":1}x"#, .malformed), ("[1,]", .malformed),
        ("\"a\nb\"", .malformed), (#"{"a":tru}"#, .malformed), (#"["\ud800"]"#, .invalidString),
        (#"["\x"]"#, .invalidString), ("[1e999]", .numberOutOfRange),
        ("[123456789012345678901234567890]", .numberOutOfRange),
        ("[01]", .numberOutOfRange),
    ])
    func refuses(_ text: String, _ error: JSONError) {
        #expect(throws: error) { try JSONParser().parse(Array(text.utf8)) }
    }

    @Test(arguments: [[0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22]] as [[UInt8]])
    func refusesWhatIsNotUTF8(_ bytes: [UInt8]) {
        #expect(throws: JSONError.invalidUTF8) { try JSONParser().parse(bytes) }
    }

    @Test func countsDepth() throws {
        let limit = JSONParser.defaultDepth
        let parser = JSONParser()
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(try parser.parse(nested(limit - 1)).kind == .array)
        #expect(throws: JSONError.tooDeep) { try parser.parse(nested(limit + 1)) }
    }

    @Test func refusesWhatIsTooLarge() {
        let bytes = [UInt8](repeating: UInt8(ascii: " "), count: JSONParser.bytesMost + 1)
        #expect(throws: JSONError.tooLarge) { try JSONParser().parse(bytes) }
    }

    @Test(arguments: JSONError.allCases)
    func describesEachReason(_ error: JSONError) {
        #expect(!error.description.isEmpty)
        #expect(JSONError.allCases.count { $0.description == error.description } == 1)
    }

    @Test func readsEachKind() throws {
        let text = #"{"s":"é\u0041\n","i":-3,"u":18446744073709551615,"d":1.5,"t":true,"n":null,"a":[1,"x"],"o":{}}"#
        let value = try JSONParser().parse(Array(text.utf8))
        #expect(value.kind == .object)
        #expect(value["s"]?.string == "éA\n")
        #expect(value["i"]?.int64 == -3)
        #expect(value["i"]?.uint64 == nil)
        #expect(value["i"]?.double == -3)
        #expect(value["u"]?.uint64 == .max)
        #expect(value["u"]?.int64 == nil)
        #expect(value["u"]?.kind == .integer)
        #expect(value["d"]?.double == 1.5)
        #expect(value["d"]?.int64 == nil)
        #expect(value["d"]?.kind == .double)
        #expect(value["t"]?.bool == true)
        #expect(value["n"]?.isNull == true)
        #expect(value["a"]?.array.map(\.kind) == [.integer, .string])
        #expect(value["o"]?.object.map(\.key) == [])
        #expect(value.object.map(\.key) == ["s", "i", "u", "d", "t", "n", "a", "o"])
    }

    @Test func aValueOfAnotherKindReadsAsNothing() throws {
        let value = try JSONParser().parse(Array(#"["text"]"#.utf8))
        #expect(value["key"] == nil)
        #expect(value.string == nil && value.int64 == nil && value.double == nil && value.bool == nil && !value.isNull)
        #expect(value.object.map(\.key) == [])
        let text = try #require(value.array.first { _ in true })
        #expect(text["key"] == nil)
        #expect(text.array.map(\.kind) == [])
        #expect(!value.withUTF8 { _ in })
    }

    @Test func findsTheFirstOfTwoFields() throws {
        let value = try JSONParser().parse(Array(#"{"a":1,"a":2}"#.utf8))
        #expect(value["a"]?.int64 == 1)
        #expect(value.object.map { $0.value.int64 } == [1, 2])
    }

    @Test func givesFieldNamesAsBytes() throws {
        let value = try JSONParser().parse(Array(#"{"one":1,"":2,"\u00e9":3}"#.utf8))
        var names: [String] = []
        value.forEachField { name, value in names.append("\(String(utf8: name))=\(value.int64 ?? 0)") }
        #expect(names == ["one=1", "=2", "é=3"])
    }

    @Test func serializesCompactly() throws {
        let text = "{ \"a\" : [ 1 , 2.5, \"x\\\"\\u0001\" , null ] , \"b\" : { } }"
        #expect(try JSONParser().parse(Array(text.utf8)).serialized() == #"{"a":[1,2.5,"x\"\u0001",null],"b":{}}"#)
    }

    @Test func aHeldValueOutlivesLaterParsesAndItsParser() throws {
        var parser: JSONParser? = JSONParser()
        let first = try #require(try parser?.parse(Array(#"{"name":"first"}"#.utf8)))
        let name = try #require(first["name"])
        for index in 0..<100 { _ = try parser?.parse(Array(#"{"name":"other \#(index)"}"#.utf8)) }
        parser = nil
        #expect(first["name"]?.string == "first")
        #expect(name.string == "first")
    }

    @Test func readsOnAfterAFailureAndAfterALargeText() throws {
        let parser = JSONParser()
        #expect(throws: JSONError.malformed) { try parser.parse(Array("{".utf8)) }
        let large = "\"" + String(repeating: "a", count: JSONParser.bytesKept) + "\""
        #expect(try parser.parse(Array(large.utf8)).string?.utf8.count == JSONParser.bytesKept)
        #expect(try parser.parse(Array("7".utf8)).int64 == 7)
    }
}
