import Foundation
import Gzip
import Testing

struct GzipTests {
    static let text = Array(String(repeating: #"{"type":"message.new","text":"hello"}"#, count: 50).utf8)

    @Test func everythingGoesThereAndBack() throws {
        for bytes in [[], [0], Self.text, [UInt8](repeating: 7, count: 1_000_000)] {
            let zipped = try Gzip.deflate(bytes)
            #expect(Gzip.isGzip(zipped))
            #expect(try Gzip.inflate(zipped, cap: bytes.count) == bytes, "\(bytes.count) bytes")
        }
    }

    @Test(arguments: [[], [0x1f], Array("{}".utf8), [0x8b, 0x1f]])
    func otherBytesAreNotGzip(_ bytes: [UInt8]) { #expect(!Gzip.isGzip(bytes)) }

    @Test func joinsMembers() throws {
        let zipped = try Gzip.deflate(Array("ab".utf8)) + Gzip.deflate([]) + Gzip.deflate(Array("cd".utf8))
        #expect(try Gzip.inflate(zipped, cap: 4) == Array("abcd".utf8))
        #expect(throws: GzipError.tooLarge(cap: 3)) { try Gzip.inflate(zipped, cap: 3) }
    }

    @Test func everyCutIsATruncation() throws {
        let zipped = try Gzip.deflate(Self.text)
        for end in 0..<zipped.count {
            #expect(throws: GzipError.truncated, "cut at \(end)") {
                try Gzip.inflate(Array(zipped[..<end]), cap: 1_000_000)
            }
        }
    }

    @Test func whatFollowsMustBeAMember() throws {
        #expect(throws: GzipError.malformed) {
            try Gzip.inflate(try Gzip.deflate(Self.text) + Array("more".utf8), cap: 1_000_000)
        }
    }

    @Test func aChangedByteNeverGivesOtherContent() throws {
        let zipped = try Gzip.deflate(Self.text)
        // The ten bytes of the header say nothing about the content.
        for index in 10..<zipped.count {
            var changed = zipped
            changed[index] ^= 0x40
            #expect(throws: GzipError.self, "byte \(index)") { try Gzip.inflate(changed, cap: 1_000_000) }
        }
    }

    @Test func aBombCostsNoMoreThanTheCap() throws {
        // 10 MB that inflate to 10 GB: a thousand members of 10 MB of zeroes each.
        let member = try Gzip.deflate([UInt8](repeating: 0, count: 10_000_000))
        let bomb = Array(repeatElement(member, count: 1_000).joined())
        let before = try Self.peakKiB()
        #expect(throws: GzipError.tooLarge(cap: 8_388_608)) { try Gzip.inflate(bomb, cap: 8_388_608) }
        // Other tests run meanwhile; what must not appear is anything like the 10 GB, or the second it takes to fill.
        #expect(try Self.peakKiB() - before < 512 * 1_024)
    }

    /// The process's largest resident size so far.
    private static func peakKiB() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return try #require(Int(line.filter(\.isNumber)))
    }
}
