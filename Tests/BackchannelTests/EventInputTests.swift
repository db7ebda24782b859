import Foundation
import JSON
import Limits
import TestSupport
import Testing

@testable import backchannel

struct EventInputTests {
    private func bodies(
        _ input: EventInput,
        shuffle seed: UInt64? = nil,
        limits: Limits.Replay = Limits.Replay()
    ) throws -> [String] {
        var source = try input.open(shuffle: seed, limits: limits)
        return try texts(of: &source)
    }

    private func texts(of source: inout some EventSource) throws -> [String] {
        var result: [String] = []
        while let event = try source.next() { result.append(String(decoding: event.body, as: UTF8.self)) }
        return result
    }

    private func write(_ text: String, to path: String) throws {
        let url = URL(filePath: path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    // MARK: Files and folders

    @Test func readsEveryKindOfPath() async throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.path
        try write("{\n1}", to: "\(folder)/case/body.json")
        try write(#"{"X-Webhook-Id": "i", "N": 1}"#, to: "\(folder)/case/headers.json")
        try write("{2}", to: "\(folder)/cases/b/body.json")
        try write("{1}", to: "\(folder)/cases/a/body.json")
        try write("x", to: "\(folder)/cases/c/notes.txt")
        try write("{4}", to: "\(folder)/bodies/2.json")
        try write("{3}", to: "\(folder)/bodies/1.json")
        try write("{5}\r\n\n{6}\n{7}", to: "\(folder)/story/events.jsonl")
        #expect(try bodies(.path("\(folder)/case")) == ["{\n1}"])
        #expect(try bodies(.path("\(folder)/cases")) == ["{1}", "{2}"])
        #expect(try bodies(.path("\(folder)/bodies")) == ["{3}", "{4}"])
        #expect(try bodies(.path("\(folder)/bodies/2.json")) == ["{4}"])
        #expect(try bodies(.path("\(folder)/story")) == ["{5}", "{6}", "{7}"])
        #expect(try bodies(.path("\(folder)/story/events.jsonl")) == ["{5}", "{6}", "{7}"])
        var source = try EventInput.path("\(folder)/case").open(shuffle: nil, limits: Limits.Replay())
        #expect(try source.next()?.headers.map(\.name) == ["X-Webhook-Id"])
    }

    @Test func saysWhatCannotBeRead() async throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.path
        try write("x", to: "\(folder)/empty/notes.txt")
        try write("{1}", to: "\(folder)/case/body.json")
        try write("[1]", to: "\(folder)/case/headers.json")
        try write("{\"a\":\"long enough\"}\n{}\n", to: "\(folder)/long.jsonl")
        var limits = Limits.Replay()
        (limits.bodyBytes, limits.files) = (8, 2)
        for (path, expected) in [
            ("none", "no such file"), ("empty", "no body.json"), ("case", "not a JSON object"),
            ("long.jsonl", "long.jsonl, line 1: over 8 bytes"), (".", "more than 2 files"),
        ] {
            let fault = #expect(throws: ReplayFault.self) {
                try bodies(.path("\(folder)/\(path)"), limits: limits)
            }
            #expect(fault?.description.contains(expected) == true, "\(fault?.description ?? "")")
        }
    }

    /// Lines of every length around the window's size arrive whole, in order and shuffled.
    @Test func linesCrossWindows() async throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.path
        let lines = (0..<40).map { "\($0):" + String(repeating: "x", count: $0 * 7_919) }
        try write(lines.joined(separator: "\n") + "\n", to: "\(folder)/f.jsonl")
        #expect(try bodies(.path("\(folder)/f.jsonl")) == lines)
        let shuffled = try bodies(.path("\(folder)/f.jsonl"), shuffle: 7)
        #expect(shuffled != lines)
        #expect(Set(shuffled) == Set(lines))
        #expect(try bodies(.path("\(folder)/f.jsonl"), shuffle: 7) == shuffled, "the same seed, the same order")
    }

    // MARK: Streams

    @Test(arguments: ["a\nbb\n\nccc", "a\r\nbb\r\nccc\r\n", "a\nbb\nccc\n\n\n"])
    func streamsAreReadByLine(_ text: String) throws {
        let pipe = Pipe()
        pipe.fileHandleForWriting.write(Data(text.utf8))
        try pipe.fileHandleForWriting.close()
        var stream = LineStream(
            descriptor: pipe.fileHandleForReading.fileDescriptor,
            name: "pipe",
            limits: Limits.Replay()
        )
        #expect(try texts(of: &stream) == ["a", "bb", "ccc"])
        #expect(stream.count == nil)
    }

    @Test func longStreamsKeepTheirLines() async throws {
        let lines = (0..<2_000).map { "\($0):" + String(repeating: "y", count: $0 % 977) }
        let pipe = Pipe()
        let text = Data((lines.joined(separator: "\n") + "\n").utf8)
        let writing = Task.detached {
            pipe.fileHandleForWriting.write(text)
            try pipe.fileHandleForWriting.close()
        }
        var stream = LineStream(
            descriptor: pipe.fileHandleForReading.fileDescriptor,
            name: "pipe",
            limits: Limits.Replay()
        )
        #expect(try texts(of: &stream) == lines)
        try await writing.value
    }

    @Test func aStreamCannotBeShuffled() {
        #expect(throws: ReplayFault.self) { try EventInput.standardInput.open(shuffle: 1, limits: Limits.Replay()) }
    }

    // MARK: Generated events

    @Test func theSameSeedGivesTheSameEvents() {
        let generator = EventGenerator(count: 300, seed: 5, isMixed: true)
        let other = EventGenerator(count: 300, seed: 6, isMixed: true)
        for index in [0, 1, 17, 299] {
            #expect(generator.event(at: index) == generator.event(at: index))
            #expect(generator.event(at: index) != other.event(at: index))
        }
    }

    @Test func generatedEventsLookLikeTheProviders() throws {
        let generator = EventGenerator(count: 4_000, seed: 3, prefix: "run-7", isMixed: true)
        let parser = JSONParser()
        var types: [String: Int] = [:]
        var bytes = 0
        var times: [String] = []
        for index in 0..<generator.count {
            let body = generator.event(at: index).body
            bytes += body.count
            let root = try parser.parse(body)
            types[try #require(root["type"]?.string), default: 0] += 1
            times.append(try #require(root["created_at"]?.string))
            #expect(root["message_id"]?.string?.hasPrefix("run-7-") == true)
            let listing = try #require(root["channel_custom"]?["listing_id"]?.string)
            #expect(root["cid"]?.string?.hasPrefix("messaging:listing_\(listing)_user-") == true)
        }
        #expect(times == times.sorted(), "time does not run backwards")
        #expect((1_400...2_000).contains(bytes / generator.count), "\(bytes / generator.count) bytes on average")
        let shares = types.mapValues { Double($0) / Double(generator.count) }
        for (type, share) in [
            ("message.new", 0.78), ("message.read", 0.08), ("reaction.new", 0.06), ("message.updated", 0.05),
            ("message.deleted", 0.02), ("reaction.deleted", 0.01),
        ] {
            #expect(abs(shares[type, default: 0] - share) < 0.025, "\(type): \(shares[type] ?? 0)")
        }
    }

    @Test func laterEventsSpeakOfEarlierMessages() {
        let generator = EventGenerator(count: 5_000, isMixed: true)
        for index in 0..<generator.count {
            let subject = generator.subject(of: index)
            #expect(generator.kind(at: subject.number) == .message)
            #expect(generator.kind(at: index) == .message ? subject.number == index : subject.number < index)
        }
    }

    @Test func unmixedEventsAreNewMessages() {
        let generator = EventGenerator(count: 1_000)
        #expect((0..<1_000).allSatisfy { generator.kind(at: $0) == .message })
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000000Z"), (951_782_400_123_456_789, "2000-02-29T00:00:00.123456789Z"),
            (1_767_225_599_999_999_999, "2025-12-31T23:59:59.999999999Z"),
            (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000000000Z"),
        ] as [(Int64, String)]
    )
    func timesAreRFC3339(_ nanoseconds: Int64, _ expected: String) {
        var text = ByteText(capacity: 40)
        text.add(nanoseconds: nanoseconds, digits: 9)
        #expect(String(decoding: text.bytes, as: UTF8.self) == expected)
    }
}
