/// Gzip in memory.
///
/// Source: RFC 1952, computed by zlib.
package enum Gzip {
    /// Whether `bytes` begin with gzip's magic number `1f 8b`.
    package static func isGzip(_ bytes: [UInt8]) -> Bool {
        bytes.count >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b
    }

    /// The content of one or several gzip members.
    ///
    /// - Parameter cap: the most bytes to inflate to; work and memory stop there, whatever the content claims.
    package static func inflate(_ bytes: [UInt8], cap: Int) throws(GzipError) -> [UInt8] {
        try Inflater().inflate(bytes, cap: cap)
    }

    /// One gzip member holding `bytes`, at zlib's default level.
    package static func deflate(_ bytes: [UInt8]) throws(GzipError) -> [UInt8] {
        try Deflater().deflate(bytes)
    }
}

/// Why bytes could not be inflated or deflated.
package enum GzipError: Error, Equatable, CustomStringConvertible {
    /// Not gzip, a wrong checksum, or bytes behind the last member that are no member.
    case malformed
    /// The content ends early.
    case truncated
    /// More than the cap; what was inflated until then is thrown away.
    case tooLarge(cap: Int)
    case outOfMemory

    package var description: String {
        switch self {
        case .malformed: "inflate: the bytes are not valid gzip. The sender, or a proxy on the way, damaged them."
        case .truncated: "inflate: the gzip content ends early. The body was cut off on the way."
        case .tooLarge(let cap): "inflate: more than \(cap) bytes. If genuine, raise WEBHOOK_INFLATED_BYTES."
        case .outOfMemory: "zlib found no memory. Lower the number of connections or give the service more memory."
        }
    }
}
