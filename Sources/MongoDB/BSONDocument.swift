/// A BSON document: a value over its encoded bytes, which are valid after every call.
///
/// Nested documents read from it share its bytes until they are changed. Source: BSON specification 1.1 (bsonspec.org).
package struct BSONDocument: Sendable {
    /// Holds this document at ``start``..<``end``: more than that only in a nested one.
    var buffer: [UInt8]
    var start: Int
    var end: Int
    /// Being written inside its parent's buffer, whose end is this document's end.
    var isInPlace = false

    /// Length and terminator of a document without elements.
    static let emptyBytes: [UInt8] = [5, 0, 0, 0, 0]

    package init() {
        buffer = Self.emptyBytes
        start = 0
        end = Self.emptyBytes.count
    }

    /// - Parameter capacity: the expected size in bytes.
    package init(capacity: Int) {
        self.init()
        buffer.reserveCapacity(capacity)
    }

    /// Checks `bytes` from end to end, strings' UTF-8 included.
    ///
    /// - Throws: ``MongoError/Kind/invalidArgument``, without quoting the bytes.
    package init(validating bytes: [UInt8]) throws(MongoError) {
        self.init(trusted: bytes)
        guard isIntact, isIntactForLibBSON else {
            throw MongoError(.invalidArgument, "decode BSON: \(bytes.count) bytes that are not one whole document")
        }
    }

    /// Takes bytes that libmongoc or this module has written.
    ///
    /// Reading stays within bounds even if they are damaged.
    init(trusted bytes: [UInt8]) {
        buffer = bytes
        start = 0
        end = bytes.count
    }

    /// A document inside another's buffer.
    init(sharing buffer: [UInt8], _ range: Range<Int>) {
        self.buffer = buffer
        start = range.lowerBound
        end = range.upperBound
    }

    /// The encoded document.
    package var bytes: [UInt8] { byteCount == buffer.count ? buffer : Array(buffer[start..<end]) }

    /// The size of the encoded document.
    package var byteCount: Int { end - start }

    package var isEmpty: Bool { byteCount <= Self.emptyBytes.count }
}

extension BSONDocument: Hashable {
    package static func == (left: Self, right: Self) -> Bool {
        left.byteCount == right.byteCount && left.buffer[left.start..<left.end] == right.buffer[right.start..<right.end]
    }

    package func hash(into hasher: inout Hasher) {
        buffer.withUnsafeBytes { hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: $0[start..<end])) }
    }
}

extension BSONDocument: CustomStringConvertible {
    /// Only the size: documents hold people's messages, and descriptions end in logs.
    package var description: String { "BSON document of \(byteCount) bytes" }
}
