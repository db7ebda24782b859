import CCurl
import Limits
import Synchronization

/// What one request receives, filled by libcurl's callbacks on the thread that performs it.
///
/// Only ``cancel()`` may be called from another thread.
final class Transfer: @unchecked Sendable {  // everything but the atomic flag belongs to the performing thread
    let request: HTTPClientRequest
    let limits: Limits.Client
    private(set) var headers: [(name: String, value: String)] = []
    private(set) var body: [UInt8] = []
    /// The limit that the answer went over.
    private(set) var overrun: String?
    private var headerBytes = 0
    /// Addresses of the last host that the request may not go to, and may go to.
    private var (forbidden, permitted) = (0, 0)
    private let cancelled = Atomic(false)

    init(_ request: HTTPClientRequest, limits: Limits.Client) {
        self.request = request
        self.limits = limits
    }

    func cancel() { cancelled.store(true, ordering: .relaxed) }
    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    /// Takes a part of the body; `false` ends the transfer.
    func receive(body bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= limits.responseBytes else {
            overrun = "the answer's body is larger than \(limits.responseBytes) bytes"
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }

    /// Takes one header line; `false` ends the transfer.
    func receive(header bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= limits.headerBytes else {
            overrun = "the answer's headers are larger than \(limits.headerBytes) bytes"
            return false
        }
        let line = String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") {  // of this answer or, after 100 Continue or a redirect, the next
            headers.removeAll()
            (forbidden, permitted) = (0, 0)
        } else if let colon = line.firstIndex(of: ":") {
            headers.append((String(line[..<colon]), Self.trimmed(line[line.index(after: colon)...])))
        }
        return true
    }

    /// Judges an address before it is connected to; `nil` is one that cannot be read.
    func mayConnect(to address: IPAddress?) -> Bool {
        let isAllowed = address.map { request.addresses.allows($0) } ?? false
        if isAllowed { permitted += 1 } else { forbidden += 1 }
        return isAllowed
    }

    /// The host had addresses, and none that the request may go to.
    var wasOnlyForbidden: Bool { forbidden > 0 && permitted == 0 }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0.isWhitespace }
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }
}
