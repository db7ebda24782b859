import Chat
package import HTTPServer
import Limits
import Telemetry

/// A delivery that is being answered.
struct Received: Sendable {
    let exchange: HTTPExchange
    let at: Timestamp
    /// On the clock that never jumps.
    let started: Duration
}

extension WebhookReceiver {
    private static let methods = "POST, OPTIONS"
    /// Characters of a header that are kept or shown.
    private static let headerCharacters = 64
    private static let accepted = HTTPResponse(
        status: 200,
        headers: [("Content-Type", "application/json")],
        body: Array(#"{"success":true}"#.utf8)
    ).madeOnce()

    // MARK: Before the body

    /// Decides by the headers alone whether the body is wanted.
    package func admit(_ head: HTTPRequestHead) -> HTTPAdmission {
        switch head.method {
        case "POST": break
        case "OPTIONS": return .refuse(HTTPResponse(status: 204, headers: [("Allow", Self.methods)]))
        default:
            return .refuse(
                Problem.response(
                    405,
                    "Method Not Allowed",
                    detail: "Deliveries come by POST.",
                    headers: [("Allow", Self.methods)]
                )
            )
        }
        guard let length = head[header: "Content-Length"] else {
            guard head[header: "Transfer-Encoding"] == nil else { return .accept(bodyBytes: limits.bodyBytes) }
            return .refuse(
                Problem.response(
                    411,
                    "Length Required",
                    detail: "Send Content-Length, or the body in chunks."
                )
            )
        }
        // The server has refused what is no number; one too large for an integer is too large for us.
        guard let bytes = Int(length), bytes <= limits.bodyBytes else {
            return .refuse(tooLarge(head, limit: limits.bodyBytes))
        }
        return .accept(bodyBytes: limits.bodyBytes)
    }

    /// The answer to a body that is, or turned out to be, longer than `limit` bytes.
    package func tooLarge(_ head: HTTPRequestHead, limit: Int) -> HTTPResponse {
        let length = head[header: "Content-Length"].flatMap(Int.init) ?? limit
        record(.tooLarge, status: 413, head: head, contentLength: length, at: now())
        return Self.tooLargeResponse(limit: limit)
    }

    // MARK: After it

    func accept(_ received: Received) {
        metrics.accepted.add()
        answer(received, Self.accepted)
    }

    /// We cannot keep it: the provider repeats what is answered so.
    func refuse(_ received: Received, _ reason: String) {
        metrics.refused.add()
        if refusalLines.use(at: received.at) {
            log.warning("webhook: answered 503", ["reason": .string(reason)])
        }
        answer(
            received,
            Problem.response(
                503,
                "Service Unavailable",
                detail: "The event cannot be kept at the moment; send it again.",
                headers: [("Retry-After", "\(limits.retryAfterSeconds)")]
            )
        )
    }

    func rejectTooLarge(_ received: Received) {
        record(.tooLarge, status: 413, received)
        answer(received, Self.tooLargeResponse(limit: limits.inflatedBytes))
    }

    /// The signature does not verify: 401 with the cause, if there is time to look for it.
    ///
    /// - Parameter inflated: the body after inflating; `nil` if that failed.
    func reject(_ received: Received, inflated: [UInt8]?) {
        let cause = examinations.use(at: received.at) ? diagnosis(received, inflated: inflated) : .unexamined
        record(cause, status: 401, received)
        if cause != .unexamined {
            let head = received.exchange.head
            log.warning(
                "webhook: rejected",
                [
                    "cause": .string(cause.rawValue), "advice": .string(cause.sentence),
                    "remote_address": .string(head.remoteAddress),
                    "api_key": .string(head[header: "X-Api-Key"].flatMap(Self.printable) ?? ""),
                    "content_length": .init(received.exchange.body.count),
                ]
            )
        }
        answer(received, Problem.response(401, "Unauthorized", detail: cause.sentence, cause: cause))
    }

    /// At most so many characters, and only such as can be printed; `nil` if none is left.
    static func printable(_ header: String) -> String? {
        let kept = header.utf8.prefix(headerCharacters).filter { (0x21...0x7e).contains($0) }
        return kept.isEmpty ? nil : String(decoding: kept, as: UTF8.self)
    }

    // MARK: Parts

    private func diagnosis(_ received: Received, inflated: [UInt8]?) -> RejectionCause {
        let head = received.exchange.head
        return SignatureDoctor.diagnose(
            signatureHeader: head[header: "X-Signature"],
            apiKeyHeader: head[header: "X-Api-Key"],
            rawBytes: received.exchange.body,
            inflatedBytes: inflated,
            secrets: secrets,
            bytesMost: limits.examinedBytes
        )
    }

    private func answer(_ received: Received, _ response: HTTPResponse) {
        metrics.latency.observe(received.started, until: QueueClock.system.uptime())
        received.exchange.respond(response)
    }

    private func record(_ cause: RejectionCause, status: Int, _ received: Received) {
        let exchange = received.exchange
        record(cause, status: status, head: exchange.head, contentLength: exchange.body.count, at: received.at)
    }

    private func record(
        _ cause: RejectionCause,
        status: Int,
        head: HTTPRequestHead,
        contentLength: Int,
        at time: Timestamp
    ) {
        rejections.record(
            Rejection(
                time: time,
                cause: cause,
                status: status,
                remoteAddress: head.remoteAddress,
                apiKey: head[header: "X-Api-Key"].flatMap(Self.printable),
                contentLength: contentLength
            )
        )
    }

    private static func tooLargeResponse(limit: Int) -> HTTPResponse {
        Problem.response(
            413,
            "Content Too Large",
            detail: "The limit is \(limit) bytes. \(RejectionCause.tooLarge.sentence)",
            cause: .tooLarge
        )
    }
}
