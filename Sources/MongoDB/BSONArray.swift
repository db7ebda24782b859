/// An array being written; see ``BSONDocument/append(_:array:)``.
package struct BSONArray: Sendable {
    var document: BSONDocument
    package private(set) var count = 0

    init(document: BSONDocument) { self.document = document }

    /// An array's elements are keyed by their decimal position.
    private mutating func nextKey() -> String {
        defer { count += 1 }
        return count < Self.keys.count ? Self.keys[count] : String(count)
    }

    /// The keys of short arrays, so that they need not be formatted.
    private static let keys = (0..<1_000).map(String.init)

    package mutating func append(_ value: String) { document.append(nextKey(), value) }
    package mutating func append(_ value: Int32) { document.append(nextKey(), value) }
    package mutating func append(_ value: Int64) { document.append(nextKey(), value) }
    package mutating func append(_ value: Double) { document.append(nextKey(), value) }
    package mutating func append(_ value: Bool) { document.append(nextKey(), value) }
    package mutating func append(_ value: [UInt8]) { document.append(nextKey(), value) }
    package mutating func append(_ value: BSONDocument) { document.append(nextKey(), value) }
    package mutating func append(_ value: [String]) { document.append(nextKey(), value) }
    package mutating func append(uuid: [UInt8]) { document.append(nextKey(), uuid: uuid) }
    package mutating func append(date milliseconds: Int64) { document.append(nextKey(), date: milliseconds) }
    package mutating func append(value: BSONValue) { document.append(nextKey(), value: value) }
    package mutating func appendNull() { document.appendNull(nextKey()) }

    /// A nested document, written in place.
    package mutating func append(document build: (inout BSONDocument) -> Void) {
        document.append(nextKey(), document: build)
    }

    /// A nested array, written in place.
    package mutating func append(array build: (inout BSONArray) -> Void) { document.append(nextKey(), array: build) }
}
