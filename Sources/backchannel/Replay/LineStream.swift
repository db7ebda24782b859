import Foundation
import Limits

/// Bodies from a stream, one a line, read as they are wanted.
struct LineStream: EventSource {
    private static let partBytes = 65_536
    private let descriptor: Int32
    private let name: String
    private let limits: Limits.Replay
    private var splitter: LineSplitter
    /// What was read and not yet given, and where in the stream it begins.
    private var pending: [UInt8] = []
    private var pendingStart: Int64 = 0
    private var lines: ArraySlice<Range<Int64>> = []
    private var hasEnded = false

    init(descriptor: Int32, name: String, limits: Limits.Replay) {
        self.descriptor = descriptor
        self.name = name
        self.limits = limits
        splitter = LineSplitter(limits: limits)
    }

    var count: Int? { nil }

    mutating func next() throws(ReplayFault) -> SourceEvent? {
        while lines.isEmpty {
            guard !hasEnded else { return nil }
            try readPart()
        }
        let line = lines.removeFirst()
        let start = Int(line.lowerBound - pendingStart)
        return SourceEvent(body: Array(pending[start..<start + line.count]))
    }

    private mutating func readPart() throws(ReplayFault) {
        var bytes = [UInt8](repeating: 0, count: Self.partBytes)
        let count = read(descriptor, &bytes, bytes.count)
        if count < 0, errno == EINTR { return }
        guard count >= 0 else { throw ReplayFault("\(name): cannot be read: \(String(cString: strerror(errno)))") }
        bytes.removeLast(bytes.count - count)
        dropGiven()
        pending += bytes
        hasEnded = count == 0
        var found: [Range<Int64>] = []
        try splitter.feed(bytes, ends: hasEnded, name: name) { found.append($0) }
        lines = found[...]
        given = lines.last?.upperBound ?? given
    }

    /// The end of the last line found so far.
    private var given: Int64 = 0

    private mutating func dropGiven() {
        let count = min(Int(given - pendingStart), pending.count)
        guard count > 0 else { return }
        pending.removeFirst(count)
        pendingStart += Int64(count)
    }
}
