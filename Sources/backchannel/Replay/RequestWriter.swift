import Crypto
import Gzip
import Randomness

/// Writes deliveries as HTTP/1.1 requests, signed as the provider signs.
struct RequestWriter {
    private let constant: [UInt8]
    private let signer: HMACSHA256
    private let compresses: Bool
    private let seed: UInt64

    init(_ job: ReplayJob) {
        var head = "POST \(job.endpoint.path) HTTP/1.1\r\nHost: \(job.endpoint.hostHeader)\r\n"
        head += "User-Agent: backchannel-replay\r\n"
        if let key = job.apiKey { head += "X-Api-Key: \(key)\r\n" }
        constant = Array(head.utf8)
        signer = HMACSHA256(key: job.secret.revealed())
        compresses = job.compresses
        seed = job.seed
    }

    /// Replaces `request` by the whole request.
    ///
    /// - Parameter attempt: from 1, as `X-Webhook-Attempt` tells it.
    func write(_ delivery: Delivery, attempt: Int, into request: inout ByteText) throws(ReplayFault) {
        let body = delivery.event.body
        request.bytes.removeAll(keepingCapacity: true)
        request.add(constant)
        request.add("X-Signature: ")
        // A forged signature differs in its first digit.
        for (index, byte) in signer.sign(body).enumerated() {
            request.add(hex: UInt64(delivery.isForged && index == 0 ? byte ^ 0x80 : byte), digits: 2)
        }
        request.add("\r\nX-Webhook-Id: ")
        addCallID(delivery.number, &request)
        request.add("\r\nX-Webhook-Attempt: ")
        request.add(attempt)
        request.add("\r\n")
        try add(delivery.event, &request)
        let compresses = compresses && delivery.event.wire == nil
        let content = compresses ? try Self.compressed(body) : delivery.event.wire ?? body
        request.add(compresses ? "Content-Encoding: gzip\r\nContent-Length: " : "Content-Length: ")
        request.add(content.count)
        request.add("\r\n\r\n")
        request.add(content)
    }

    /// Looks like the provider's UUIDs.
    private func addCallID(_ number: Int, _ request: inout ByteText) {
        var random = SplitMix(seed: seed, element: number)
        let (high, low) = (random.next(), random.next())
        request.add(hex: high >> 32, digits: 8)
        request.add("-")
        request.add(hex: high >> 16, digits: 4)
        request.add("-")
        request.add(hex: high, digits: 4)
        request.add("-")
        request.add(hex: low >> 48, digits: 4)
        request.add("-")
        request.add(hex: low, digits: 12)
    }

    /// The case's own headers, without those that are ours to write.
    private func add(_ event: SourceEvent, _ request: inout ByteText) throws(ReplayFault) {
        var hasContentType = false
        for (name, value) in event.headers {
            let lowerName = name.lowercased()
            let describesWire = lowerName == "content-encoding" && event.wire != nil
            guard describesWire || !Self.own.contains(lowerName) else { continue }
            guard !(name + value).utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }), !name.contains(":") else {
                throw ReplayFault("a case's headers.json holds a character that no header can")
            }
            hasContentType = hasContentType || lowerName == "content-type"
            request.add(string: "\(name): \(value)\r\n")
        }
        if !hasContentType { request.add("Content-Type: application/json\r\n") }
    }

    private static let own: Set<String> = [
        "host", "connection", "content-length", "content-encoding", "transfer-encoding", "expect", "user-agent",
        "x-api-key", "x-signature", "x-webhook-id", "x-webhook-attempt",
    ]

    private static func compressed(_ body: [UInt8]) throws(ReplayFault) -> [UInt8] {
        do throws(GzipError) {
            return try Gzip.deflate(body)
        } catch {
            throw ReplayFault("compress a body: \(error)")
        }
    }
}
