import CZlib

/// One compression.
///
/// The stream lives on the heap because zlib keeps its address.
struct Deflater: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>

    init() throws(GzipError) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // Plus 16: write a gzip header; 8 is zlib's default memory level (zlib.h, deflateInit2).
        let result = deflateInit2_(
            stream,
            Z_DEFAULT_COMPRESSION,
            Z_DEFLATED,
            MAX_WBITS + 16,
            8,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        guard result == Z_OK else {
            stream.deallocate()
            throw GzipError.outOfMemory
        }
        self.stream = stream
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    func deflate(_ bytes: [UInt8]) throws(GzipError) -> [UInt8] {
        precondition(bytes.count <= UInt32.max / 2, "deflate: over 2 GiB at once")
        let bound = Int(deflateBound(stream, UInt(bytes.count)))
        var result = Z_OK
        let output = [UInt8](unsafeUninitializedCapacity: bound) { room, count in
            bytes.withUnsafeBufferPointer { input in
                // zlib declares its input mutable and only reads it.
                stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.pointee.avail_in = UInt32(input.count)
                stream.pointee.next_out = room.baseAddress
                stream.pointee.avail_out = UInt32(bound)
                result = CZlib.deflate(stream, Z_FINISH)
            }
            count = bound - Int(stream.pointee.avail_out)
        }
        // `deflateBound` makes room for everything, so one call finishes unless memory fails.
        guard result == Z_STREAM_END else { throw .outOfMemory }
        return output
    }
}
