/// Builds one compact JSON text.
///
/// ```swift
/// var writer = JSONWriter()
/// writer.object {
///     $0.field("total", 2)
///     $0.field("names") { $0.array { $0.string("Ada"); $0.string("Bob") } }
/// }
/// ```
package struct JSONWriter {
    /// What has been written so far, in UTF-8.
    package private(set) var bytes: [UInt8] = []
    /// A value precedes what comes next in the same object or array.
    private var needsComma = false

    package init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    // MARK: Values

    package mutating func object<Failure: Error>(
        _ fields: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        try nest("{", "}", fields)
    }

    package mutating func array<Failure: Error>(
        _ elements: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        try nest("[", "]", elements)
    }

    package mutating func string(_ value: String) { write { $0.appendQuoted(value) } }
    package mutating func int(_ value: some BinaryInteger) { raw("\(value)") }
    package mutating func bool(_ value: Bool) { raw(value ? "true" : "false") }
    package mutating func null() { raw("null") }

    /// Infinities and NaN, which JSON does not have, become `null`.
    package mutating func double(_ value: Double) {
        raw(value.isFinite ? "\(value)" : "null")
    }

    /// JSON text that is known to be right, such as stored custom data.
    package mutating func raw(_ json: String) { write { $0.bytes.append(contentsOf: json.utf8) } }

    // MARK: Fields; `nil` is written as `null`

    package mutating func field(_ name: String, _ value: String?) {
        field(name) { if let value { $0.string(value) } else { $0.null() } }
    }

    package mutating func field(_ name: String, _ value: Int?) { field(name, value.map(Int64.init)) }

    package mutating func field(_ name: String, _ value: Int64?) {
        field(name) { if let value { $0.int(value) } else { $0.null() } }
    }

    package mutating func field(_ name: String, _ value: Double?) {
        field(name) { if let value { $0.double(value) } else { $0.null() } }
    }

    package mutating func field(_ name: String, _ value: Bool?) {
        field(name) { if let value { $0.bool(value) } else { $0.null() } }
    }

    package mutating func field(_ name: String, _ values: [String]) {
        field(name) { $0.array { for value in values { $0.string(value) } } }
    }

    package mutating func field(_ name: String, raw json: String?) {
        field(name) { if let json { $0.raw(json) } else { $0.null() } }
    }

    /// A field whose value is what `value` writes: exactly one.
    package mutating func field<Failure: Error>(
        _ name: String,
        _ value: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        write { $0.appendQuoted(name) }
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
        try value(&self)
    }

    // MARK: Bytes

    private mutating func write(_ value: (inout JSONWriter) -> Void) {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        value(&self)
        needsComma = true
    }

    private mutating func nest<Failure: Error>(
        _ opening: Unicode.Scalar,
        _ closing: Unicode.Scalar,
        _ content: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: opening))
        needsComma = false
        try content(&self)
        bytes.append(UInt8(ascii: closing))
        needsComma = true
    }

    /// Source: RFC 8259 §7: the quote, the backslash and what is below U+0020 are escaped, nothing else.
    private mutating func appendQuoted(_ string: String) {
        bytes.append(UInt8(ascii: "\""))
        var string = string
        string.withUTF8 { utf8 in
            var start = utf8.startIndex
            for (index, byte) in utf8.enumerated() where Self.needsEscape(byte) {
                bytes.append(contentsOf: utf8[start..<index])
                bytes.append(contentsOf: Self.escape(byte))
                start = index + 1
            }
            bytes.append(contentsOf: utf8[start...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func escape(_ byte: UInt8) -> [UInt8] {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): return [UInt8(ascii: "\\"), byte]
        case UInt8(ascii: "\n"): return Array("\\n".utf8)
        case UInt8(ascii: "\r"): return Array("\\r".utf8)
        case UInt8(ascii: "\t"): return Array("\\t".utf8)
        default:
            let digits = Array("0123456789abcdef".utf8)
            return Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }
}
