import CMongoC

/// Debian builds libbson so that a `bson_t` fills and is aligned to 128 bytes, which no Swift variable can be.
private let bsonHandleByteCount = 128

extension BSONDocument {
    /// Lends libbson the bytes without copying them; `nil` if they do not begin with their own length.
    func withHandle<R>(_ body: (OpaquePointer) -> R) -> R? {
        buffer.withUnsafeBufferPointer { bytes in
            withUnsafeTemporaryAllocation(byteCount: bsonHandleByteCount, alignment: bsonHandleByteCount) { memory in
                guard let base = bytes.baseAddress, let address = memory.baseAddress else { return nil }
                let handle = OpaquePointer(address)
                guard bson_init_static(handle, base + start, byteCount) else { return nil }
                return body(handle)
            }
        }
    }

    /// Copies what libmongoc lends; `nil` if it lends nothing.
    init?(copying handle: OpaquePointer?) {
        guard let handle, let data = bson_get_data(handle) else { return nil }
        // A bson_t's own length field cannot be reached from Swift; the document begins with the same number.
        let length = UnsafeRawPointer(data).loadUnaligned(as: Int32.self).littleEndian
        self.init(trusted: Array(UnsafeBufferPointer(start: data, count: Int(length))))
    }
}

/// What a libmongoc call that takes a reply and an error left behind.
struct Outcome {
    var succeeded: Bool
    var reply: BSONDocument
    var error = bson_error_t()
}

/// Runs a call with room for its reply, which libmongoc fills in whether or not it succeeds.
func withReply(_ call: (_ reply: OpaquePointer, _ error: UnsafeMutablePointer<bson_error_t>) -> Bool) -> Outcome {
    withUnsafeTemporaryAllocation(byteCount: bsonHandleByteCount, alignment: bsonHandleByteCount) { memory in
        var outcome = Outcome(succeeded: false, reply: BSONDocument())
        guard let address = memory.baseAddress else { return outcome }
        let reply = OpaquePointer(address)
        bson_init(reply)
        defer { bson_destroy(reply) }
        outcome.succeeded = call(reply, &outcome.error)
        outcome.reply = BSONDocument(copying: reply) ?? BSONDocument()
        return outcome
    }
}
