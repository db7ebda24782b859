import Limits

/// What the sender needs of one HTTP response.
struct HTTPAnswer: Equatable, Sendable {
    var status: Int
    /// `Retry-After` in seconds; `nil` when absent or a date.
    var retryAfterSeconds: Int?
    /// The connection may carry the next request.
    var keepsConnection: Bool
    /// The beginning of the body, kept where it may say why something was refused.
    var bodyStart: [UInt8] = []

    /// Of the statuses after which the provider sends again.
    var asksForAnotherTry: Bool { status == 408 || status == 429 || status >= 500 }
}

/// Reads HTTP/1.1 responses from however the network cuts them.
///
/// Pure: bytes in, answer out. Source: RFC 9112, sections 2.2, 4, 6 and 7. Responses without a request (a second one behind the first) are refused.
struct ResponseParser {
    struct Fault: Error, Equatable, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    private enum State {
        case statusLine, header
        case fixed(remaining: Int), untilClose
        case chunkSize, chunk(remaining: Int), chunkEnd, trailer
        case complete
    }

    let limits: Limits.Replay
    private var state = State.statusLine
    private var line: [UInt8] = []
    private var headBytes = 0
    private var head = Head()

    init(limits: Limits.Replay = Limits.Replay()) { self.limits = limits }

    /// Nothing of a response has come yet.
    var isUntouched: Bool { headBytes == 0 }

    /// Takes what was read; the answer once it is whole, and the parser is then ready for the next.
    mutating func feed(_ bytes: Span<UInt8>) throws(Fault) -> HTTPAnswer? {
        var index = 0
        while index < bytes.count {
            switch state {
            case .fixed(let remaining): state = advance(&index, in: bytes, by: remaining) { .fixed(remaining: $0) }
            case .chunk(let remaining): state = advance(&index, in: bytes, by: remaining) { .chunk(remaining: $0) }
            case .untilClose:
                keep(bytes.extracting(index..<bytes.count))
                index = bytes.count
            case .complete: throw Fault("bytes behind the response")
            case .statusLine, .header, .chunkSize, .chunkEnd, .trailer:
                try take(bytes[index])
                index += 1
            }
        }
        guard case .complete = state else { return nil }
        return finish()
    }

    /// The other side closed the connection: the end of an answer that has no length, else a fault.
    mutating func end() throws(Fault) -> HTTPAnswer {
        guard case .untilClose = state else {
            throw Fault(isUntouched ? "the connection was closed" : "the connection was closed within the response")
        }
        return finish()
    }

    private mutating func finish() -> HTTPAnswer {
        let answer = head.answer
        self = ResponseParser(limits: limits)
        return answer
    }

    // MARK: Body

    private mutating func advance(
        _ index: inout Int,
        in bytes: Span<UInt8>,
        by remaining: Int,
        _ next: (Int) -> State
    ) -> State {
        let count = min(remaining, bytes.count - index)
        keep(bytes.extracting(index..<index + count))
        index += count
        guard count == remaining else { return next(remaining - count) }
        if case .chunk = state { return .chunkEnd }
        return .complete
    }

    private mutating func keep(_ bytes: Span<UInt8>) {
        guard head.answer.status >= 300 else { return }
        for index in 0..<min(bytes.count, limits.refusalBytes - head.answer.bodyStart.count) {
            head.answer.bodyStart.append(bytes[index])
        }
    }

    // MARK: Lines

    private mutating func take(_ byte: UInt8) throws(Fault) {
        headBytes += 1
        guard headBytes <= limits.responseHeaderBytes else {
            throw Fault("over \(limits.responseHeaderBytes) bytes of headers")
        }
        guard byte == UInt8(ascii: "\n") else { return line.append(byte) }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        defer { line.removeAll(keepingCapacity: true) }
        try endLine()
    }

    private mutating func endLine() throws(Fault) {
        switch state {
        case .statusLine:
            try head.readStatus(line)
            state = .header
        case .header: state = line.isEmpty ? try stateAfterHead() : try head.read(line, .header)
        case .chunkSize:
            let size = try chunkSize()
            headBytes = 0  // the bound is on each line of a chunked body, not on all of them
            state = size == 0 ? .trailer : .chunk(remaining: size)
        case .chunkEnd:
            guard line.isEmpty else { throw Fault("a chunk longer than announced") }
            state = .chunkSize
        case .trailer: if line.isEmpty { state = .complete }
        default: break
        }
    }

    private mutating func stateAfterHead() throws(Fault) -> State {
        let status = head.answer.status
        if (100..<200).contains(status) {
            head = Head()
            return .statusLine
        }
        if status == 204 || status == 304 { return .complete }
        if head.isChunked { return .chunkSize }
        guard let length = head.length else {
            head.answer.keepsConnection = false
            return .untilClose
        }
        return length == 0 ? .complete : .fixed(remaining: length)
    }

    private func chunkSize() throws(Fault) -> Int {
        let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 && $0 != 0x09 }
        guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), size >= 0 else {
            throw Fault("a chunk without a size")
        }
        return size
    }
}

extension ResponseParser {
    /// Status line and the headers that matter.
    private struct Head {
        var answer = HTTPAnswer(status: 0, keepsConnection: true)
        var length: Int?
        var isChunked = false

        mutating func readStatus(_ line: [UInt8]) throws(Fault) {
            let text = String(decoding: line, as: UTF8.self)
            let parts = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count >= 2, parts[0].hasPrefix("HTTP/1."), parts[1].utf8.count == 3,
                let status = Int(parts[1]), (100...599).contains(status)
            else { throw Fault("the answer is not HTTP/1") }
            answer.status = status
            answer.keepsConnection = parts[0] != "HTTP/1.0"
        }

        /// Gives back `next`, for the caller's convenience.
        mutating func read(_ line: [UInt8], _ next: State) throws(Fault) -> State {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { throw Fault("a header without a colon") }
            // Of the four names that matter, no two have the same length; others are not worth decoding.
            guard [10, 11, 14, 17].contains(colon) else { return next }
            let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
            let text = String(decoding: line[(colon + 1)...], as: UTF8.self)
            let value = text.filter { $0 != " " && $0 != "\t" }.lowercased()
            switch name {
            case "content-length":
                guard let length = Int(value), length >= 0, self.length == nil || self.length == length else {
                    throw Fault("a content length that is no number")
                }
                self.length = length
            case "transfer-encoding":
                guard value == "chunked" else { throw Fault("an unknown transfer encoding") }
                isChunked = true
            case "connection":
                if value == "close" { answer.keepsConnection = false }
                if value == "keep-alive" { answer.keepsConnection = true }
            case "retry-after": answer.retryAfterSeconds = Int(value).flatMap { $0 >= 0 ? $0 : nil }
            default: break
            }
            return next
        }
    }
}
