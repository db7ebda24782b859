import CZlib

/// One inflation.
///
/// The stream lives on the heap because zlib keeps its address.
struct Inflater: ~Copyable {
    /// Inflated at a time, in bytes: what the work may exceed the cap by.
    private static let stepBytes = 65_536

    private let stream: UnsafeMutablePointer<z_stream>

    init() throws(GzipError) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // The largest window, plus 16: expect a gzip header and check its CRC (zlib.h, inflateInit2).
        let windowBits = MAX_WBITS + 16
        let result = inflateInit2_(stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard result == Z_OK else {
            stream.deallocate()
            throw GzipError.outOfMemory
        }
        self.stream = stream
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func inflate(_ bytes: [UInt8], cap: Int) throws(GzipError) -> [UInt8] {
        precondition(bytes.count <= UInt32.max, "inflate: over 4 GiB at once")
        var output: [UInt8] = []
        // JSON shrinks five- to tenfold: most bodies fit this first guess and are not copied again.
        output.reserveCapacity(min(cap, bytes.count * 8))
        let step = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: min(Self.stepBytes, max(cap, 1)))
        defer { step.deallocate() }

        let outcome = bytes.withUnsafeBufferPointer { input -> Result<Void, GzipError> in
            // zlib declares its input mutable and only reads it.
            stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.pointee.avail_in = UInt32(input.count)
            return Result { () throws(GzipError) in try run(into: &output, cap: cap, by: step) }
        }
        try outcome.get()
        return output
    }

    /// Inflates every member; there is always room for output, so a stop means that input is missing.
    private func run(
        into output: inout [UInt8],
        cap: Int,
        by step: UnsafeMutableBufferPointer<UInt8>
    ) throws(GzipError) {
        while true {
            stream.pointee.next_out = step.baseAddress
            stream.pointee.avail_out = UInt32(step.count)
            let result = CZlib.inflate(stream, Z_NO_FLUSH)

            let produced = step.count - Int(stream.pointee.avail_out)
            guard produced <= cap - output.count else { throw .tooLarge(cap: cap) }
            output.append(contentsOf: UnsafeBufferPointer(rebasing: step[..<produced]))

            switch result {
            case Z_OK: continue
            case Z_STREAM_END where stream.pointee.avail_in == 0: return
            case Z_STREAM_END: inflateReset(stream)
            case Z_BUF_ERROR: throw .truncated
            case Z_MEM_ERROR: throw .outOfMemory
            default: throw .malformed
            }
        }
    }
}
