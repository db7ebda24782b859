import JSON

/// Where the parts of a JSON text are, so that they can be written back byte for byte.
struct JSONSlices {
    private let bytes: [UInt8]

    /// `nil` for what is not JSON: everything after this takes that for granted.
    init?(_ bytes: [UInt8]) {
        guard (try? JSONParser().parse(bytes)) != nil else { return nil }
        self.bytes = bytes
    }

    var root: Range<Int> { value(from: skipSpace(0)) }

    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// The value of an object's first field of that name; `nil` when there is none, or no object.
    func field(_ name: String, of object: Range<Int>) -> Range<Int>? {
        fields(of: object).first { $0.name == name }?.value
    }

    /// Empty when the value is not an object.
    func fields(of object: Range<Int>) -> [(name: String, value: Range<Int>)] {
        guard bytes[object.lowerBound] == UInt8(ascii: "{") else { return [] }
        var result: [(String, Range<Int>)] = []
        var index = skipSpace(object.lowerBound + 1)
        while bytes[index] != UInt8(ascii: "}") {
            let name = value(from: index)
            let content = value(from: skipSpace(skipSpace(name.upperBound) + 1))  // over the colon
            result.append((unquoted(name), content))
            index = skipComma(content.upperBound)
        }
        return result
    }

    /// Empty when the value is not an array.
    func elements(of array: Range<Int>) -> [Range<Int>] {
        guard bytes[array.lowerBound] == UInt8(ascii: "[") else { return [] }
        var result: [Range<Int>] = []
        var index = skipSpace(array.lowerBound + 1)
        while bytes[index] != UInt8(ascii: "]") {
            let element = value(from: index)
            result.append(element)
            index = skipComma(element.upperBound)
        }
        return result
    }

    private func value(from start: Int) -> Range<Int> {
        switch bytes[start] {
        case UInt8(ascii: "\""): return start..<afterString(start)
        case UInt8(ascii: "{"), UInt8(ascii: "["): return start..<afterNested(start)
        default:
            let end = bytes[start...].firstIndex { ",]}".utf8.contains($0) || Self.isSpace($0) }
            return start..<(end ?? bytes.endIndex)
        }
    }

    private func afterString(_ start: Int) -> Int {
        var index = start + 1
        while bytes[index] != UInt8(ascii: "\"") { index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1 }
        return index + 1
    }

    private func afterNested(_ start: Int) -> Int {
        var (index, depth) = (start, 0)
        repeat {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index = afterString(index)
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            index += 1
        } while depth > 0
        return index
    }

    private func skipComma(_ index: Int) -> Int {
        let index = skipSpace(index)
        return bytes[index] == UInt8(ascii: ",") ? skipSpace(index + 1) : index
    }

    private func skipSpace(_ index: Int) -> Int {
        bytes[index...].firstIndex { !Self.isSpace($0) } ?? bytes.endIndex
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d }

    private func unquoted(_ string: Range<Int>) -> String {
        let wrapped = [UInt8(ascii: "[")] + bytes[string] + [UInt8(ascii: "]")]
        let value = try? JSONParser().parse(wrapped)
        return value?.array.first { _ in true }?.string ?? text(string)
    }
}
