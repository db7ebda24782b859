import Foundation
import Limits

/// A file with one body a line, read where it is needed: memory holds the lines' places and one window of the file.
struct LineFile: IndexedEvents {
    private static let windowBytes = 1_048_576
    private let file: FileDescriptor
    private let path: String
    /// Where each line starts, and where the last one ends.
    private let places: [Range<Int64>]
    private var window: [UInt8] = []
    private var windowStart: Int64 = 0

    /// Reads the file once to find its lines; empty ones do not count.
    init(path: String, limits: Limits.Replay) throws(ReplayFault) {
        self.path = path
        file = try FileDescriptor(path: path)
        places = try Self.places(in: file, path: path, limits)
    }

    var count: Int { places.count }

    mutating func event(at index: Int) throws(ReplayFault) -> SourceEvent {
        let place = places[index]
        let inWindow = place.lowerBound >= windowStart && place.upperBound <= windowStart + Int64(window.count)
        if !inWindow {
            let follows = place.lowerBound >= windowStart && place.lowerBound <= windowStart + Int64(window.count) + 1
            // In order, read ahead; out of order, what would be read ahead is not used.
            window = try file.read(
                max(place.count, follows || index == 0 ? Self.windowBytes : 0),
                at: place.lowerBound,
                of: path
            )
            windowStart = place.lowerBound
            guard window.count >= place.count else { throw ReplayFault("\(path): the file became shorter meanwhile") }
        }
        let start = Int(place.lowerBound - windowStart)
        return SourceEvent(body: Array(window[start..<start + place.count]))
    }

    private static func places(
        in file: FileDescriptor,
        path: String,
        _ limits: Limits.Replay
    ) throws(ReplayFault) -> [Range<Int64>] {
        var places: [Range<Int64>] = []
        var splitter = LineSplitter(limits: limits)
        var offset: Int64 = 0
        while true {
            let bytes = try file.read(windowBytes, at: offset, of: path)
            let ends = bytes.isEmpty
            try splitter.feed(bytes, ends: ends, name: path) { places.append($0) }
            if ends { return places }
            offset += Int64(bytes.count)
        }
    }
}

/// Finds lines in bytes that come in parts.
struct LineSplitter {
    private let limits: Limits.Replay
    private var offset: Int64 = 0
    private var start: Int64 = 0
    private var number = 1
    private var last: UInt8 = 0

    init(limits: Limits.Replay) { self.limits = limits }

    /// Calls `found` with the place of every line that is complete and not empty, without its end.
    mutating func feed(
        _ bytes: [UInt8],
        ends: Bool,
        name: String,
        _ found: (Range<Int64>) -> Void
    ) throws(ReplayFault) {
        var rest = bytes[...]
        while let index = rest.firstIndex(of: UInt8(ascii: "\n")) {
            if index > bytes.startIndex { last = bytes[index - 1] }
            try end(at: offset + Int64(index), name, found)
            start = offset + Int64(index) + 1
            rest = rest[(index + 1)...]
        }
        offset += Int64(bytes.count)
        if let byte = rest.last { last = byte }
        if ends { try end(at: offset, name, found) }
        try check(Int(offset - start), name)
    }

    private mutating func end(
        at end: Int64,
        _ name: String,
        _ found: (Range<Int64>) -> Void
    ) throws(ReplayFault) {
        let contentEnd = end > start && last == UInt8(ascii: "\r") ? end - 1 : end
        try check(Int(contentEnd - start), name)
        if contentEnd > start { found(start..<contentEnd) }
        number += 1
    }

    private func check(_ length: Int, _ name: String) throws(ReplayFault) {
        guard length <= limits.bodyBytes else {
            throw ReplayFault("\(name), line \(number): over \(limits.bodyBytes) bytes; a line holds one body")
        }
    }
}

/// An open file, closed with its last owner.
final class FileDescriptor: Sendable {
    private let descriptor: Int32

    init(path: String) throws(ReplayFault) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ReplayFault("\(path): cannot be opened: \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }

    /// Up to `count` bytes from `offset`; fewer at the file's end.
    func read(_ count: Int, at offset: Int64, of path: String) throws(ReplayFault) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count, let base = buffer.baseAddress {
                let result = pread(descriptor, base + filled, count - filled, off_t(offset) + filled)
                if result < 0, errno == EINTR { continue }
                if result < 0 { failure = errno }
                guard result > 0 else { return }
                filled += result
            }
        }
        guard failure == 0 else { throw ReplayFault("\(path): cannot be read: \(String(cString: strerror(failure)))") }
        return bytes
    }
}
