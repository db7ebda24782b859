import JSON
import Randomness
import Testing

struct JSONWriterTests {
    @Test func writesEachKind() {
        var writer = JSONWriter()
        writer.object {
            $0.field("a", 1)
            $0.field("b", "x\"\\\n\u{1}é")
            $0.field("c", 1.5)
            $0.field("d", true)
            $0.field("e", nil as String?)
            $0.field("f", ["p", "q"])
            $0.field("g", raw: #"{"r":1}"#)
            $0.field("h", raw: nil)
            $0.field("i", Int64.min)
            $0.field("list") {
                $0.array {
                    $0.int(UInt64.max)
                    $0.null()
                    $0.double(.nan)
                    $0.object { _ in }
                    $0.array { _ in }
                    $0.raw("[]")
                }
            }
        }
        #expect(
            writer.text == #"{"a":1,"b":"x\"\\\n\u0001é","c":1.5,"d":true,"e":null,"f":["p","q"],"g":{"r":1},"h":null,"#
                + #""i":-9223372036854775808,"list":[18446744073709551615,null,null,{},[],[]]}"#
        )
    }

    @Test func anErrorOfTheClosureComesOut() {
        struct Stop: Error {}
        var writer = JSONWriter()
        #expect(throws: Stop.self) { try writer.object { _ throws(Stop) in throw Stop() } }
    }

    /// Writer to parser and back again: the same value, and from there on the same bytes.
    @Test func whatIsWrittenIsRead() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        let parser = JSONParser()
        for _ in 0..<2_000 {
            let tree = Tree.random(depth: 4, &random)
            var writer = JSONWriter()
            tree.write(to: &writer)
            let value = try parser.parse(writer.bytes)
            try #require(Tree(value) == tree, "seed \(seed)")
            try #require(Tree(parser.parse(Array(value.serialized().utf8))) == tree, "seed \(seed)")
        }
    }
}

/// Any JSON value.
private indirect enum Tree: Equatable {
    case null, bool(Bool), int(Int64), double(Double), string(String), array([Tree]), object([Field])

    struct Field: Equatable {
        var name: String
        var value: Tree
    }

    init(_ value: JSONValue) {
        self =
            switch value.kind {
            case .null: .null
            case .bool: .bool(value.bool ?? false)
            case .integer: .int(value.int64 ?? 0)
            case .double: .double(value.double ?? 0)
            case .string: .string(value.string ?? "")
            case .array: .array(value.array.map(Tree.init))
            case .object: .object(value.object.map { Field(name: $0.key, value: Tree($0.value)) })
            }
    }

    static func random(depth: Int, _ random: inout SplitMix) -> Tree {
        switch Int.random(in: 0..<(depth == 0 ? 5 : 7), using: &random) {
        case 0: .null
        case 1: .bool(.random(using: &random))
        case 2: .int(.random(in: .min ... .max, using: &random))
        case 3: .double(finite(&random))
        case 4: .string(text(&random))
        case 5: .array((0..<Int.random(in: 0..<4, using: &random)).map { _ in .random(depth: depth - 1, &random) })
        default:
            .object(
                (0..<Int.random(in: 0..<4, using: &random)).map { _ in
                    Field(name: text(&random), value: .random(depth: depth - 1, &random))
                }
            )
        }
    }

    private static func finite(_ random: inout SplitMix) -> Double {
        let double = Double(bitPattern: random.next())
        return double.isFinite ? double : 0.1
    }

    private static func text(_ random: inout SplitMix) -> String {
        let scalars: [ClosedRange<UInt32>] = [0...0x1F, 0x20...0x7F, 0x80...0xD7FF, 0xE000...0x10_FFFF]
        var result = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<12, using: &random) {
            let range = scalars[Int.random(in: 0..<scalars.count, using: &random)]
            if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &random)) { result.append(scalar) }
        }
        return String(result)
    }

    func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .bool(let bool): writer.bool(bool)
        case .int(let int): writer.int(int)
        case .double(let double): writer.double(double)
        case .string(let string): writer.string(string)
        case .array(let elements): writer.array { for element in elements { element.write(to: &$0) } }
        case .object(let fields):
            writer.object {
                for field in fields { $0.field(field.name) { field.value.write(to: &$0) } }
            }
        }
    }
}
