import Chat
import JSON
import Limits
import Testing

@testable import Facts

struct FactFieldsTests {
    private static func read(_ text: String) throws -> FactRecord {
        try FactFields.read(try JSONParser().parse(Array(text.utf8)), limits: .init())
    }

    @Test func readsEveryType() throws {
        let record = try Self.read(
            #"{"s":"x","i":-7,"d":1.5,"w":2.0,"b":true,"l":["a","b"],"e":[],"n":null,"$where":"1","a.b":"2","t":"2026-05-08T10:00:00Z"}"#
        )
        #expect(
            record.fields == [
                "s": .string("x"), "i": .integer(-7), "d": .double(1.5), "w": .double(2), "b": .bool(true),
                "l": .strings(["a", "b"]), "e": .strings([]), "$where": .string("1"), "a.b": .string("2"),
                "t": .string("2026-05-08T10:00:00Z"),
            ]
        )
        #expect(record.fields["t"]?.instant == Timestamp(rfc3339: "2026-05-08T10:00:00Z"))
        #expect(record.fields["s"]?.instant == nil)
        #expect(FactFields.lenient(FactFields.text(of: record)) == record)
        #expect(try Self.read("{}").fields.isEmpty)
    }

    @Test(arguments: [
        (#"{"a":1,"a":2}"#, "a", "once"), (#"{"":1}"#, "", "1 to 128 bytes"),
        (#"{"\#(String(repeating: "é", count: 65))":1}"#, String(repeating: "é", count: 65), "1 to 128 bytes"),
        (#"{"a\u0001":1}"#, "a\u{1}", "control characters"), (#"{"a":{}}"#, "a", "list of texts"),
        (#"{"a":[1]}"#, "a", "list of texts"), (#"{"a":[["x"]]}"#, "a", "list of texts"),
        (#"{"a":[null]}"#, "a", "list of texts"), (#"{"a":18446744073709551615}"#, "a", "64 bits"),
        (#"{"a":"\#(String(repeating: "x", count: 8_193))"}"#, "a", "8192 bytes"),
        (#"{"a":[\#(Array(repeating: #""x""#, count: 257).joined(separator: ","))]}"#, "a", "256 texts"),
    ])
    func namesTheField(_ text: String, _ field: String, _ allowed: String) throws {
        let fault = #expect(throws: FactFields.Fault.self) { try Self.read(text) }
        #expect(fault?.field == field)
        #expect(fault?.allowed.contains(allowed) == true, "\(fault?.allowed ?? "")")
    }

    @Test func theWholeIsBounded() throws {
        let fields = (0..<65).map { #""f\#($0)":1"# }.joined(separator: ",")
        let many = #expect(throws: FactFields.Fault.self) { try Self.read("{\(fields)}") }
        #expect(many?.field == nil && many?.allowed.contains("64 fields") == true)
        let text = String(repeating: "x", count: 8_000)
        let large = (0..<5).map { #""f\#($0)":"\#(text)""# }.joined(separator: ",")
        let heavy = #expect(throws: FactFields.Fault.self) { try Self.read("{\(large)}") }
        #expect(heavy?.field == nil && heavy?.allowed.contains("32768 bytes") == true)
        for text in ["[]", "1", "null", #""x""#] {
            #expect(throws: FactFields.Fault(field: nil, allowed: "a JSON object of names and values")) {
                try Self.read(text)
            }
        }
    }
}
