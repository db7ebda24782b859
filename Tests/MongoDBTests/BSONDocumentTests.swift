import TestSupport
import Testing

@testable import MongoDB

struct BSONDocumentTests {
    @Test func encodesWhatLibBSONEncodes() throws {
        var random = SeededRandom()
        for _ in 0..<500 {
            let model = Model.random(&random)
            let document = model.encoded()
            #expect(LibBSON.accepts(document), "seed \(random.seed)")
            let json = try #require(LibBSON.canonicalJSON(document), "seed \(random.seed)")
            #expect(LibBSON.encode(json) == document.bytes, "seed \(random.seed)")
            #expect(Model(decoding: document) == model, "seed \(random.seed)")
            #expect(try BSONDocument(validating: document.bytes) == document, "seed \(random.seed)")
        }
    }

    @Test func readingDamagedBytesStaysWithinThem() throws {
        var random = SeededRandom()
        for _ in 0..<1_000 {
            var bytes = Model.random(&random).encoded().bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                bytes[index] = UInt8.random(in: 0...255, using: &random)
            }
            let document = BSONDocument(trusted: bytes)
            let walked = Self.walk(document)
            guard let valid = try? BSONDocument(validating: bytes) else { continue }
            #expect(
                valid.reduce(0) { count, _ in count + 1 } == LibBSON.countsElements(of: valid),
                "seed \(random.seed)"
            )
            #expect(walked >= 0)
        }
    }

    /// Decodes everything that can be reached.
    private static func walk(_ document: BSONDocument) -> Int {
        document.reduce(0) { count, element in
            switch element.value {
            case .document(let nested), .array(let nested): count + 1 + walk(nested)
            default: count + 1
            }
        }
    }

    @Test(
        arguments: [
            [], [5, 0, 0, 0], [5, 0, 0, 0, 1], [6, 0, 0, 0, 0], [4, 0, 0, 0, 0], [5, 0, 0, 0, 0, 0],
            [8, 0, 0, 0, 0x0A, 97, 0, 1],  // no terminator
            [12, 0, 0, 0, 0x10, 97, 0, 1, 0, 0, 0, 0, 0],  // one byte more than it says
            [14, 0, 0, 0, 0x02, 97, 0, 9, 0, 0, 0, 98, 0, 0],  // a string that leaves the document
            [14, 0, 0, 0, 0x02, 97, 0, 2, 0, 0, 0, 0xFF, 0, 0],  // not UTF-8
            [8, 0, 0, 0, 0x7E, 97, 0, 0],  // no such type
            [9, 0, 0, 0, 0x08, 97, 0, 2, 0],  // neither true nor false
            [8, 0, 0, 0, 0x0A, 0xFF, 0, 0],  // a key that is not UTF-8
            [13, 0, 0, 0, 0x03, 97, 0, 5, 0, 0, 0, 1, 0],  // a nested document without its end
        ] as [[UInt8]]
    )
    func refusesWhatIsNotADocument(_ bytes: [UInt8]) {
        let error = #expect(throws: MongoError.self) { try BSONDocument(validating: bytes) }
        #expect(error?.kind == .invalidArgument)
    }

    @Test func refusesNestingThatMongoDBWouldRefuse() throws {
        func nested(_ levels: Int) -> BSONDocument {
            var document = BSONDocument()
            if levels > 1 { document.append("a", nested(levels - 1)) }
            return document
        }
        #expect(throws: Never.self) { try BSONDocument(validating: nested(180).bytes) }
        #expect(throws: MongoError.self) { try BSONDocument(validating: nested(181).bytes) }
    }

    @Test func readsWhatItWrote() throws {
        var document = BSONDocument()
        document.append("string", "é\0x")
        document.append("int32", Int32(-7))
        document.append("int64", Int64.max)
        document.append("double", 2.0)
        document.append("half", 0.5)
        document.append("bool", true)
        document.append("binary", [1, 2, 3] as [UInt8])
        document.append("date", date: -1)
        document.appendNull("null")
        document.append("strings", ["a", "b"])
        document.append("nested", document: { $0.append("x", "y") })
        document.append("array") { (array: inout BSONArray) in
            array.append(Int32(1))
            array.append { $0.append("two", Int64(2)) }
            #expect(array.count == 2)
        }

        #expect(document.string("string") == "é\0x")
        #expect(document.int64("int32") == -7)
        #expect(document.int64("int64") == .max)
        #expect(document.int64("double") == 2)
        #expect(document.int64("half") == nil)
        #expect(document.double("int32") == -7)
        #expect(document.bool("bool") == true)
        #expect(document.binary("binary") == [1, 2, 3])
        #expect(document.date("date") == -1)
        #expect(document["null"] == .null)
        #expect(document.array("strings") == [.string("a"), .string("b")])
        #expect(document.document("nested")?.string("x") == "y")
        #expect(document.array("array")?.last?.document?.int64("two") == 2)
        #expect(document["missing"] == nil)
        #expect(document.string("int32") == nil)
        #expect(document.map(\.key).count == 12)
        #expect(LibBSON.accepts(document))
    }

    @Test func valuesOfEveryTypeSurviveCopying() throws {
        let json = #"""
            {"d":{"$numberDouble":"1.5"},"s":"x","o":{"a":null},"a":[true],"b":{"$binary":{"base64":"AQ==","subType":"00"}},
            "i":{"$oid":"0102030405060708090a0b0c"},"t":{"$timestamp":{"t":1,"i":2}},"l":{"$numberLong":"5"},
            "n":{"$numberInt":"6"},"w":{"$date":{"$numberLong":"7"}}}
            """#
        let original = BSONDocument(trusted: try #require(LibBSON.encode(json)))
        var copy = BSONDocument()
        for (key, value) in original { copy.append(key, value: value) }
        #expect(copy == original)
        #expect(copy["t"] == .timestamp(1 << 32 | 2))

        var whole = BSONDocument()
        whole.append(contentsOf: original)
        #expect(whole == original)
    }

    @Test func typesItDoesNotKnowAreSkippedWhole() throws {
        let json = #"""
            {"r":{"$regularExpression":{"pattern":"a","options":"i"}},"c":{"$code":"x","$scope":{}},
            "d":{"$numberDecimal":"1"},"u":{"$undefined":true},"m":{"$minKey":1},"M":{"$maxKey":1},"k":{"$code":"y"},
            "y":{"$symbol":"z"},"p":{"$dbPointer":{"$ref":"a","$id":{"$oid":"0102030405060708090a0b0c"}}},"end":true}
            """#
        let document = BSONDocument(trusted: try #require(LibBSON.encode(json)))
        #expect(document.bool("end") == true)
        #expect(document["r"] == .other(type: BSONType.regex))
        var copy = BSONDocument()
        copy.append("r", value: .other(type: BSONType.regex))
        #expect(copy["r"] == .null)
    }

    @Test func aNestedDocumentReadFromAnotherIsAValueOfItsOwn() throws {
        var parent = BSONDocument()
        parent.append("child", document: { $0.append("a", Int32(1)) })
        parent.append("after", "x")
        var child = try #require(parent.document("child"))
        child.append("b", Int32(2))
        #expect(child.int64("b") == 2)
        #expect(parent.document("child")?.int64("b") == nil)
        #expect(parent.string("after") == "x")
        #expect(LibBSON.accepts(child) && LibBSON.accepts(parent))

        var expected = BSONDocument()
        expected.append("a", Int32(1))
        expected.append("b", Int32(2))
        #expect(child == expected)
        #expect(child.hashValue == expected.hashValue)
    }

    @Test func aCopyTakenWhileBuildingIsWhole() throws {
        var saved = BSONDocument()
        var parent = BSONDocument()
        parent.append(
            "child",
            document: {
                $0.append("a", Int32(1))
                saved = $0
                $0.append("b", Int32(2))
            }
        )
        saved.append("c", Int32(3))
        #expect(saved.map(\.key) == ["a", "c"])
        #expect(parent.document("child")?.map(\.key) == ["a", "b"])
        #expect(try BSONDocument(validating: saved.bytes) == saved)
    }

    @Test func aNulInAKeyCannotEndIt() {
        var document = BSONDocument()
        document.append("a\0b", "x")
        #expect(document.string("a\u{FFFD}b") == "x")
        #expect(LibBSON.accepts(document))
    }

    @Test func longArraysAreKeyedByPosition() {
        var document = BSONDocument()
        document.append("numbers", array: { for number in 0..<2_500 { $0.append(Int32(number)) } })
        #expect(document.document("numbers") == nil)
        guard case .array(let numbers) = document["numbers"] else { return #expect(Bool(false), "not an array") }
        #expect(numbers.map(\.key) == (0..<2_500).map(String.init))
    }

    @Test func anEmptyDocumentIsFiveBytes() {
        #expect(BSONDocument().bytes == [5, 0, 0, 0, 0])
        #expect(BSONDocument().isEmpty)
        #expect(BSONDocument(capacity: 100) == BSONDocument())
        #expect("\(BSONDocument())" == "BSON document of 5 bytes")
    }
}
