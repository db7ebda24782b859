import Glibc

/// What the kernel knows of the bytes that arrived on a connection.
///
/// libmicrohttpd says nothing of a request before its first line is complete, so only the kernel can tell a connection
/// that rests from one whose client sends a byte now and then. Source: tcp(7), `TCP_INFO`; `linux/tcp.h`.
struct ReceivedBytes {
    let count: UInt64
    let millisecondsSinceLast: Int64

    /// `tcpi_bytes_received` (Linux 4.1), behind the end of glibc's shorter `tcp_info`.
    private static let countOffset = 128

    init?(socket: Int32) {
        let size = Self.countOffset + MemoryLayout<UInt64>.size
        let read = withUnsafeTemporaryAllocation(byteCount: size, alignment: 8) { info -> (UInt64, UInt32)? in
            var length = socklen_t(size)
            guard getsockopt(socket, Int32(IPPROTO_TCP), TCP_INFO, info.baseAddress, &length) == 0,
                Int(length) == size,
                let ageOffset = MemoryLayout<tcp_info>.offset(of: \.tcpi_last_data_recv)
            else { return nil }
            return (
                info.load(fromByteOffset: Self.countOffset, as: UInt64.self),
                info.load(fromByteOffset: ageOffset, as: UInt32.self)
            )
        }
        guard let read else { return nil }
        count = read.0
        millisecondsSinceLast = Int64(read.1)
    }
}
