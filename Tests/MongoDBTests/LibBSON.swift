import CMongoC

@testable import MongoDB

/// What the C library makes of a document.
enum LibBSON {
    static func accepts(_ document: BSONDocument) -> Bool { document.isIntactForLibBSON }

    static func countsElements(of document: BSONDocument) -> Int {
        document.withHandle { Int(bson_count_keys($0)) } ?? -1
    }

    static func canonicalJSON(_ document: BSONDocument) -> String? {
        document.withHandle { handle in
            var length = 0
            guard let text = bson_as_canonical_extended_json(handle, &length) else { return nil }
            defer { bson_free(text) }
            return text.withMemoryRebound(to: UInt8.self, capacity: length) {
                String(decoding: UnsafeBufferPointer(start: $0, count: length), as: UTF8.self)
            }
        } ?? nil
    }

    /// The C library's own encoding of canonical extended JSON.
    static func encode(_ json: String) -> [UInt8]? {
        let handle = json.utf8.withContiguousStorageIfAvailable { bson_new_from_json($0.baseAddress, $0.count, nil) }
        guard let handle, let handle else { return nil }
        defer { bson_destroy(handle) }
        return BSONDocument(copying: handle)?.bytes
    }
}
