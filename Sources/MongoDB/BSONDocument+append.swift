/// Appending adds at the end, whether or not the key is there already; who builds a document knows its keys.
///
/// A NUL in a key, which BSON cannot hold, is written as U+FFFD.
extension BSONDocument {
    package mutating func append(_ key: String, _ value: String) {
        begin(BSONType.string, key)
        add(value)
        finish()
    }

    package mutating func append(_ key: String, _ value: Int32) {
        begin(BSONType.int32, key)
        add(value)
        finish()
    }

    package mutating func append(_ key: String, _ value: Int64) {
        begin(BSONType.int64, key)
        add(value)
        finish()
    }

    package mutating func append(_ key: String, _ value: Double) {
        begin(BSONType.double, key)
        add(value.bitPattern)
        finish()
    }

    package mutating func append(_ key: String, _ value: Bool) {
        begin(BSONType.bool, key)
        buffer.append(value ? 1 : 0)
        finish()
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
        begin(BSONType.date, key)
        add(milliseconds)
        finish()
    }

    package mutating func appendNull(_ key: String) {
        begin(BSONType.null, key)
        finish()
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
        buffer.append(contentsOf: other.buffer[(other.start + 4)..<(other.end - 1)])
        finish()
    }
}

// How elements are written: `begin` overwrites the document's terminator, `finish` puts it back and updates the length.
extension BSONDocument {
    private mutating func begin(_ type: UInt8, _ key: String) {
        own()
        buffer[buffer.count - 1] = type
        addKey(key)
    }

    private mutating func finish() {
        buffer.append(0)
        end = buffer.count
        let length = Int32(exactly: end - start)
        buffer.withUnsafeMutableBytes { bytes in
            guard let length else { return }
            bytes.storeBytes(of: length.littleEndian, toByteOffset: start, as: Int32.self)
        }
        precondition(length != nil, "a BSON document is at most 2 GiB")
    }

    /// Leaves bytes shared with a parent that was read.
    private mutating func own() {
        guard !isInPlace, byteCount != buffer.count else { return }
        self = BSONDocument(trusted: bytes)
    }

    private mutating func nest(_ type: UInt8, _ key: String, _ build: (inout BSONDocument) -> Void) {
        begin(type, key)
        let childStart = buffer.count
        var child = BSONDocument(sharing: [], 0..<0)
        swap(&child.buffer, &buffer)  // moved, not shared: appending to the child must not copy it
        child.buffer.append(contentsOf: Self.emptyBytes)
        child.start = childStart
        child.end = child.buffer.count
        child.isInPlace = true
        build(&child)
        precondition(child.isInPlace && child.start == childStart, "a nested document was replaced while being built")
        swap(&child.buffer, &buffer)
        finish()
    }

    private mutating func append(_ type: UInt8, _ key: String, _ value: BSONDocument) {
        begin(type, key)
        buffer.append(contentsOf: value.buffer[value.start..<value.end])
        finish()
    }

    private mutating func append(_ key: String, _ value: [UInt8], subtype: UInt8) {
        begin(BSONType.binary, key)
        add(Int32(truncatingIfNeeded: value.count))  // `finish` refuses what does not fit
        buffer.append(subtype)
        buffer.append(contentsOf: value)
        finish()
    }

    private mutating func append(_ key: String, objectID: [UInt8]) {
        precondition(objectID.count == BSONType.objectIDByteCount, "an ObjectId has twelve bytes")
        begin(BSONType.objectID, key)
        buffer.append(contentsOf: objectID)
        finish()
    }

    private mutating func append(_ key: String, timestamp: UInt64) {
        begin(BSONType.timestamp, key)
        add(timestamp)
        finish()
    }

    private mutating func add(_ value: String) {
        add(Int32(truncatingIfNeeded: value.utf8.count + 1))
        buffer.append(contentsOf: value.utf8)
        buffer.append(0)
    }

    private mutating func addKey(_ key: String) {
        if key.utf8.contains(0) {
            buffer.append(
                contentsOf: key.split(separator: "\0", omittingEmptySubsequences: false)
                    .joined(separator: "\u{FFFD}").utf8
            )
        } else {
            buffer.append(contentsOf: key.utf8)
        }
        buffer.append(0)
    }

    private mutating func add(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { buffer.append(contentsOf: $0) }
    }
}
