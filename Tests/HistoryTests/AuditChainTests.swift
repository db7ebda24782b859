import Analytics
import Chat
import Crypto
import Limits
import MongoDB
import TestSupport
import Testing

@testable import History

/// Whatever is done to a chain behind its back is found; what an erasure does is not a fault.
struct AuditChainTests {
    private static let limits = Limits.Audit()

    private static func entry(_ index: Int, _ random: inout SeededRandom) -> AuditEntry {
        let people = ["u1", "u2", "u3", "ü/4"]
        return AuditEntry(
            ["message.read", "message.flag", "user.ban"].randomElement(using: &random) ?? "message.read",
            of: Bool.random(using: &random)
                ? .init("message", "m\(index)") : .init("user", people.randomElement(using: &random)),
            by: .init(key: "k\(index % 3)", role: Bool.random(using: &random) ? "moderator" : nil),
            actor: Bool.random(using: &random) ? people.randomElement(using: &random) : nil,
            concerning: Bool.random(using: &random) ? people.randomElement(using: &random) : nil,
            details: Bool.random(using: &random) ? ["channel": "messaging:u1-u2", "count": "\(index)"] : [:],
            at: Timestamp(milliseconds: 1_700_000_000_000 + Int64(index))
        )
    }

    private static func chain(_ count: Int, _ random: inout SeededRandom) throws -> [AuditLink] {
        var head = AuditHead.empty
        var links: [AuditLink] = []
        for index in 0..<count {
            let link = AuditLink(try SealedEntry(entry(index, &random), limits: limits), after: head)
            links.append(link)
            head = link.head
        }
        return links
    }

    private static func faults(_ documents: [BSONDocument], noted: AuditHead? = nil) -> [AuditFault] {
        var walk = AuditWalk(after: (0, AuditHead.empty.hash), noted: [noted].compactMap(\.self))
        return documents.flatMap { walk.take($0) } + walk.end()
    }

    @Test func aChainAsItWasWrittenHasNoFault() throws {
        var random = SeededRandom()
        let links = try Self.chain(200, &random)
        let head = links.last?.head
        #expect(Self.faults(links.map(\.document), noted: head).isEmpty)
    }

    @Test func anErasureIsNoFault() throws {
        var random = SeededRandom()
        var links = try Self.chain(200, &random)
        let head = links.last?.head
        let erased = links.indices.reduce(0) { $0 + links[$1].erase("u2").count }
        #expect(erased > 0)
        #expect(Self.faults(links.map(\.document), noted: head).isEmpty)
        for link in links {
            for (_, value) in link.document.document("values") ?? BSONDocument() {
                #expect(value.string?.names("u2") == false)
            }
        }
    }

    @Test func everyChangedByteIsFound() throws {
        var random = SeededRandom()
        let documents = try Self.chain(6, &random).map(\.document)
        for index in documents.indices {
            // Past the length of the whole, which says how much there is of it.
            for byte in 4..<documents[index].byteCount {
                var bytes = documents[index].bytes
                bytes[byte] ^= UInt8.random(in: 1...255, using: &random)
                guard let altered = try? BSONDocument(validating: bytes) else { continue }
                var changed = documents
                changed[index] = altered
                #expect(!Self.faults(changed).isEmpty, "byte \(byte) of entry \(index + 1), TEST_SEED=\(random.seed)")
            }
        }
    }

    @Test func removalSwapInsertionAndDoublingAreFound() throws {
        var random = SeededRandom()
        for _ in 0..<50 {
            let links = try Self.chain(Int.random(in: 3...20, using: &random), &random)
            let head = links.last?.head
            let documents = links.map(\.document)
            let (one, other) = (
                documents.indices.randomElement(using: &random) ?? 0,
                Int.random(in: 1..<documents.count, using: &random)
            )
            let comment = Comment(rawValue: "TEST_SEED=\(random.seed)")

            var removed = documents
            removed.remove(at: one)
            #expect(!Self.faults(removed, noted: head).isEmpty, comment)

            // The contents of two entries, with their hashes or without them.
            let second = (one + other) % documents.count
            var swapped = links
            swapped[one] = Self.moved(links[second], to: links[one])
            swapped[second] = Self.moved(links[one], to: links[second])
            #expect(!Self.faults(swapped.map(\.document), noted: head).isEmpty, comment)

            // One more, made as this program makes it, and everything behind it one place further.
            let forged = AuditLink(
                try SealedEntry(Self.entry(1_000, &random), limits: Self.limits),
                after: one == 0 ? .empty : links[one - 1].head
            )
            #expect(
                !Self.faults(documents[..<one] + [forged.document] + documents[one...], noted: head).isEmpty,
                comment
            )
            var replaced = documents
            replaced[one] = forged.document
            #expect(!Self.faults(replaced, noted: head).isEmpty, comment)
        }
    }

    /// Who rewrites everything after a place needs no hash to be right but the head's, which was noted elsewhere.
    @Test func aRewrittenChainIsFoundByANotedHeadAlone() throws {
        var random = SeededRandom()
        let links = try Self.chain(10, &random)
        var rewritten = Array(links[..<4])
        for link in links[5...] { rewritten.append(AuditLink(link.entry, after: rewritten[rewritten.count - 1].head)) }
        let documents = rewritten.map(\.document)
        #expect(Self.faults(documents).isEmpty)
        #expect(Self.faults(documents, noted: links[9].head).map(\.kind) == [.missingTail])
        #expect(Self.faults(documents, noted: links[6].head).map(\.kind) == [.otherHistory])
    }

    @Test func whatIsAddedToAnEntryIsFound() throws {
        var random = SeededRandom()
        let link = try #require(try Self.chain(1, &random).first)
        var more = link.document
        more.append("note", "innocent")
        #expect(Self.faults([more]).map(\.kind) == [.altered])
        // A number of another type at the same place.
        var other = BSONDocument()
        other.append("_id", Int32(1))
        for (key, value) in link.document where key != "_id" { other.append(key, value: value) }
        #expect(Self.faults([other]).map(\.kind) == [.altered])
    }

    @Test(arguments: [
        (20, "short"), (Limits.Audit().valueBytes + 1, String(repeating: "é", count: 3_000)),
    ])
    func valuesAreBounded(_ bytes: Int, _ id: String) throws {
        let entry = AuditEntry("message.read", of: .init("message", id), by: .command, at: .init(milliseconds: 1))
        let sealed = try SealedEntry(entry, limits: Self.limits)
        let kept = try #require(sealed[SealedEntry.subject])
        #expect(kept.utf8.count <= min(bytes, Self.limits.valueBytes) && id.hasPrefix(kept))
        #expect(kept == id || kept.utf8.count > Self.limits.valueBytes - 4)
    }

    private static func moved(_ link: AuditLink, to place: AuditLink) -> AuditLink {
        var document = BSONDocument()
        document.append("_id", place.sequence)
        link.entry.append(to: &document)
        document.append("previous", place.previous)
        document.append("hash", place.hash)
        return AuditLink(document) ?? link
    }
}
