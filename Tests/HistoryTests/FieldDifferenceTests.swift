import Analytics
import Chat
import MongoDB
import TestSupport
import Testing

@testable import History

/// An update names only what differs: each indexed field that it names costs MongoDB all indexes of the collection.
struct FieldDifferenceTests {
    private static func difference(_ before: BSONDocument, _ after: BSONDocument) -> (set: [String], unset: [String]) {
        var change = BSONDocument()
        change.appendDifference(from: before, to: after)
        func keys(_ name: String) -> [String] { (change.document(name) ?? BSONDocument()).map(\.0) }
        return (keys("$set"), keys("$unset"))
    }

    private static func document(_ field: String, _ keys: [String: Int64]) -> BSONDocument {
        var document = BSONDocument()
        document.append(field) { for (key, value) in keys.sorted(by: { $0.key < $1.key }) { $0.append(key, value) } }
        return document
    }

    @Test func stampsAndConversationsAreWrittenInParts() {
        for field in ["v", "conversation"] {
            let (before, after) = (
                ["a": 1, "b": 1, "c": 1] as [String: Int64], ["b": 2, "c": 1, "d": 1] as [String: Int64]
            )
            let found = Self.difference(Self.document(field, before), Self.document(field, after))
            #expect(found.set == ["\(field).b", "\(field).d"])
            #expect(found.unset == ["\(field).a"])
            #expect(Self.difference(BSONDocument(), Self.document(field, after)).set == [field], "new as a whole")
            #expect(Self.difference(Self.document(field, before), BSONDocument()).unset == [field])
            #expect(Self.difference(Self.document(field, after), Self.document(field, after)) == ([], []))
        }
    }

    /// What cannot be part of a path is written with what holds it; so are fields that nothing is indexed in.
    @Test func othersAreWrittenWhole() {
        for key in ["a.b", "$a", ""] {
            let (before, after) = (Self.document("v", ["x": 1]), Self.document("v", ["x": 1, key: 1]))
            #expect(Self.difference(before, after) == (["v"], []), "\(key)")
            #expect(Self.difference(after, before) == (["v"], []), "\(key)")
        }
        #expect(Self.difference(Self.document("turn", ["a": 1]), Self.document("turn", ["a": 2])) == (["turn"], []))
    }

    @Test("fields are found wherever they stand, and a value of another type is another")
    func order() {
        var random = SeededRandom()
        let seed = random.seed
        for _ in 0..<200 {
            func document() -> BSONDocument {
                var document = BSONDocument()
                for key in ["a", "b", "c", "d", "e"].shuffled(using: &random) where Bool.random(using: &random) {
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: document.append(key, Int64(1))
                    case 1: document.append(key, 1.0)
                    default: document.append(key, "1")
                    }
                }
                return document
            }
            let (before, after) = (document(), document())
            let (old, new) = (Dictionary(Array(before)) { $1 }, Dictionary(Array(after)) { $1 })
            let found = Self.difference(before, after)
            #expect(found.set.sorted() == new.filter { old[$0] != $1 }.keys.sorted(), "seed \(seed)")
            #expect(found.unset.sorted() == old.keys.filter { new[$0] == nil }.sorted(), "seed \(seed)")
        }
    }

    /// Another message of whom the channel waits for names no field of a conversation that an index is of.
    @Test func aMessageThatChangesNothingIndexedNamesNothingIndexed() throws {
        func conversation(_ count: Int) -> ConversationRecord {
            var walk = ConversationWalk(after: nil)
            for number in 0..<count { walk.add(SpokenMessage(id: "m\(number)", at: Int64(number) * 1_000, by: "ann")) }
            return ConversationRecord(cid: "messaging:a", walk.conversation)
        }
        let (before, after) = (conversation(2), conversation(3))
        var additions = Additions(.channel)
        additions.fields["messaging:a"] = (before.addition, after.addition)
        var plan = WritePlan()
        let channel = ChannelRecord(cid: "messaging:a")
        plan.write(channel, channel, with: &additions)
        let update = try #require(plan.updates[.channels]?.first)
        let paths = (update.update.document("$set") ?? BSONDocument()).map(\.0)
        #expect(paths.contains("conversation.messages") && paths.contains("conversation.last"))
        let indexed = Index.all.filter { $0.collection == .channels }.flatMap { $0.keys.map(\.field) }
        #expect(!indexed.isEmpty)
        for path in paths { #expect(!indexed.contains { $0 == path || $0.hasPrefix(path + ".") }, "\(path)") }
    }
}
