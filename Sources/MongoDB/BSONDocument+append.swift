/// Appending adds at the end, whether or not the key is there already; who builds a document knows its keys.
///
/// A NUL in a key, which BSON cannot hold, is written as U+FFFD.
extension BSONDocument {
    package mutating func append(_ key: String, _ value: String) {
        var value = value
        value.withUTF8 { text in
            write(BSONType.string, key, byteCount: text.count + 5) { memory in
                memory.store(Int32(truncatingIfNeeded: text.count + 1))  // what does not fit is refused with the length
                memory.copy(UnsafeRawBufferPointer(text), at: 4)
                memory.store(UInt8(0), at: 4 + text.count)
            }
        }
    }

    package mutating func append(_ key: String, _ value: Int32) {
        write(BSONType.int32, key, value)
    }

    package mutating func append(_ key: String, _ value: Int64) {
        write(BSONType.int64, key, value)
    }

    package mutating func append(_ key: String, _ value: Double) {
        write(BSONType.double, key, value.bitPattern)
    }

    package mutating func append(_ key: String, _ value: Bool) {
        write(BSONType.bool, key, UInt8(value ? 1 : 0))
    }

    /// Binary data of the generic subtype.
    package mutating func append(_ key: String, _ value: [UInt8]) {
        append(key, value, subtype: BSONType.generic)
    }

    /// - Parameter uuid: sixteen bytes.
    package mutating func append(_ key: String, uuid: [UInt8]) { append(key, uuid, subtype: BSONType.uuid) }

    /// An embedded document, copied.
    package mutating func append(_ key: String, _ value: BSONDocument) { append(BSONType.document, key, value) }

    package mutating func append(_ key: String, _ value: [String]) {
        append(key) { (array: inout BSONArray) in
            for string in value { array.append(string) }
        }
    }

    /// - Parameter milliseconds: since 1970-01-01T00:00:00Z.
    package mutating func append(_ key: String, date milliseconds: Int64) {
        write(BSONType.date, key, milliseconds)
    }

    package mutating func appendNull(_ key: String) {
        write(BSONType.null, key, byteCount: 0) { _ in }
    }

    /// A nested document, written in place.
    ///
    /// `build` may only append to what it is given, not replace it.
    package mutating func append(_ key: String, document build: (inout BSONDocument) -> Void) {
        nest(BSONType.document, key, build)
    }

    /// A nested array, written in place.
    ///
    /// `build` may only append to what it is given, not replace it.
    package mutating func append(_ key: String, array build: (inout BSONArray) -> Void) {
        nest(BSONType.array, key) { document in
            var array = BSONArray(document: BSONDocument())
            swap(&array.document, &document)
            build(&array)
            swap(&array.document, &document)
        }
    }

    /// A value read from another document.
    ///
    /// What ``BSONValue/other(type:)`` stood for is gone: null takes its place.
    package mutating func append(_ key: String, value: BSONValue) {
        switch value {
        case .double(let value): append(key, value)
        case .string(let value): append(key, value)
        case .document(let value): append(key, value)
        case .array(let value): append(BSONType.array, key, value)
        case .binary(let value): append(key, value)
        case .objectID(let value): append(key, objectID: value)
        case .bool(let value): append(key, value)
        case .date(let value): append(key, date: value)
        case .null, .other: appendNull(key)
        case .int32(let value): append(key, value)
        case .int64(let value): append(key, value)
        case .timestamp(let value): append(key, timestamp: value)
        }
    }

    /// Every element of `other` as it is, whatever its type.
    package mutating func append(contentsOf other: BSONDocument) {
        guard !other.isEmpty else { return }
        own()
        buffer.removeLast()
        buffer.append(contentsOf: other.buffer[(other.start + 4)..<other.end])
        updateLength()
    }
}

extension BSONDocument {
    private mutating func append(_ type: UInt8, _ key: String, _ value: BSONDocument) {
        value.buffer.withUnsafeBytes { bytes in
            write(type, key, byteCount: value.byteCount) { memory in
                memory.copy(UnsafeRawBufferPointer(rebasing: bytes[value.start..<value.end]))
            }
        }
    }

    private mutating func append(_ key: String, _ value: [UInt8], subtype: UInt8) {
        value.withUnsafeBytes { bytes in
            write(BSONType.binary, key, byteCount: bytes.count + 5) { memory in
                memory.store(Int32(truncatingIfNeeded: bytes.count))  // what does not fit is refused with the length
                memory.store(subtype, at: 4)
                memory.copy(bytes, at: 5)
            }
        }
    }

    private mutating func append(_ key: String, objectID: [UInt8]) {
        precondition(objectID.count == BSONType.objectIDByteCount, "an ObjectId has twelve bytes")
        objectID.withUnsafeBytes { bytes in
            write(BSONType.objectID, key, byteCount: bytes.count) { $0.copy(bytes) }
        }
    }

    private mutating func append(_ key: String, timestamp: UInt64) { write(BSONType.timestamp, key, timestamp) }

    private mutating func nest(_ type: UInt8, _ key: String, _ build: (inout BSONDocument) -> Void) {
        write(type, key, byteCount: Self.emptyBytes.count) { memory in
            Self.emptyBytes.withUnsafeBytes { memory.copy($0) }
        }
        let childStart = buffer.count - 1 - Self.emptyBytes.count
        buffer.removeLast()
        var child = BSONDocument(sharing: [], childStart..<buffer.count)
        child.isInPlace = true
        swap(&child.buffer, &buffer)  // moved, not shared: appending to the child must not copy it
        build(&child)
        precondition(child.isInPlace && child.start == childStart, "a nested document was replaced while being built")
        swap(&child.buffer, &buffer)
        buffer.append(0)
        updateLength()
    }

    private mutating func write(_ type: UInt8, _ key: String, _ value: some FixedWidthInteger) {
        write(type, key, byteCount: MemoryLayout.size(ofValue: value)) { $0.store(value) }
    }

    /// Adds one element: its type takes the place of the document's terminator, which follows it.
    ///
    /// Written through pointers because this is where a writer's time goes: one check of the array's ownership and room
    /// for each element instead of one for each part of it.
    ///
    /// - Parameter fill: writes exactly `byteCount` bytes.
    @inline(__always)
    private mutating func write(
        _ type: UInt8,
        _ key: String,
        byteCount: Int,
        _ fill: (UnsafeMutableRawPointer) -> Void
    ) {
        own()
        var key = key
        if key.withUTF8({ $0.contains(0) }) { key = Self.withoutNul(key) }
        key.withUTF8 { name in
            buffer[buffer.count - 1] = type
            let added = name.count + 1 + byteCount + 1
            buffer.append(addingCapacity: added) { (room: inout OutputSpan<UInt8>) in
                room.withUnsafeMutableBufferPointer { room, count in
                    guard let memory = UnsafeMutableRawPointer(room.baseAddress) else { return }
                    memory.copy(UnsafeRawBufferPointer(name))
                    memory.store(UInt8(0), at: name.count)
                    fill(memory + name.count + 1)
                    memory.store(UInt8(0), at: added - 1)
                    count = added
                }
            }
        }
        updateLength()
    }

    private mutating func updateLength() {
        end = buffer.count
        guard let length = Int32(exactly: end - start) else { preconditionFailure("a BSON document is at most 2 GiB") }
        buffer.withUnsafeMutableBytes { $0.storeBytes(of: length.littleEndian, toByteOffset: start, as: Int32.self) }
    }

    /// Leaves bytes shared with a parent that was read.
    private mutating func own() {
        guard !isInPlace, byteCount != buffer.count else { return }
        self = BSONDocument(trusted: bytes)
    }

    private static func withoutNul(_ key: String) -> String {
        key.split(separator: "\0", omittingEmptySubsequences: false).joined(separator: "\u{FFFD}")
    }
}

extension UnsafeMutableRawPointer {
    fileprivate func store(_ value: some FixedWidthInteger, at offset: Int = 0) {
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: type(of: value).self)
    }

    fileprivate func copy(_ bytes: UnsafeRawBufferPointer, at offset: Int = 0) {
        guard let source = bytes.baseAddress else { return }
        (self + offset).copyMemory(from: source, byteCount: bytes.count)
    }
}
