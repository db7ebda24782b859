/// The headers of one request, copied out of the server's memory into one allocation.
///
/// Values become strings only when asked for: most requests are asked for two or three of a dozen.
struct HeaderBlock: Sendable {
    /// For each header: length of name and of value (4 bytes each, native order), name, value.
    private var bytes: [UInt8] = []

    init() {}

    mutating func reserveCapacity(_ byteCount: Int) { bytes.reserveCapacity(byteCount) }

    mutating func append(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        append(length: name.count)
        append(length: value.count)
        bytes.append(contentsOf: name)
        bytes.append(contentsOf: value)
    }

    /// The first value of a header; names are compared without regard to ASCII case (RFC 9110 §5.1).
    subscript(name: String) -> String? {
        var found: String?
        forEachValue(of: name) { value in
            found = String(decoding: value, as: UTF8.self)
            return false
        }
        return found
    }

    /// Every value of a header, in order.
    func values(of name: String) -> [String] {
        var values: [String] = []
        forEachValue(of: name) { value in
            values.append(String(decoding: value, as: UTF8.self))
            return true
        }
        return values
    }

    private mutating func append(length: Int) {
        withUnsafeBytes(of: UInt32(clamping: length)) { bytes.append(contentsOf: $0) }
    }

    /// - Parameter body: returns whether to go on.
    private func forEachValue(of name: String, _ body: (UnsafeRawBufferPointer.SubSequence) -> Bool) {
        var name = name
        name.withUTF8 { wanted in
            bytes.withUnsafeBytes { bytes in
                var offset = 0
                while offset < bytes.count {
                    let nameLength = Int(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
                    let valueLength = Int(bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self))
                    let nameStart = offset + 8
                    let valueStart = nameStart + nameLength
                    offset = valueStart + valueLength
                    guard nameLength == wanted.count,
                        zip(bytes[nameStart..<valueStart], wanted).allSatisfy({ lowercase($0) == lowercase($1) })
                    else { continue }
                    guard body(bytes[valueStart..<offset]) else { return }
                }
            }
        }
    }
}

private func lowercase(_ byte: UInt8) -> UInt8 {
    UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
}
