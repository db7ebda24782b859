import Testing

@testable import Facts

struct FactTableTests {
    private static let key = FactKey(kind: "listing", id: "7")

    private static func table(_ findings: [(FactOrigin, FactTable.Finding)]) -> FactTable {
        var table = FactTable(keys: [key])
        for (origin, finding) in findings { table.add(finding, of: key, from: origin) }
        return table
    }

    private static let sold = FactTable.Finding.found(FactRecord(["status": .string("sold")]))
    private static let full = FactTable.Finding.found(
        FactRecord(["status": .string("active"), "seller_id": .string("u1")])
    )
    private static let down = FactTable.Finding.unavailable(reason: "down")

    @Test func theFirstSourceThatKnowsDecides() {
        let table = Self.table([(.pushed, Self.sold), (.app, Self.full)])
        #expect(table[Self.key, "status"] == .value(.string("sold")))
        #expect(table[Self.key, "seller_id"] == .value(.string("u1")))
        #expect(table[Self.key, "price"] == .missing)
        #expect(table.fields(of: Self.key).map(\.name) == ["seller_id", "status"])
        #expect(table.fields(of: Self.key).map(\.origin) == [.app, .pushed])
    }

    /// Nothing is decided on what a source that could not be asked might have contradicted.
    @Test func whoCannotBeAskedIsNotPassedOver() {
        let first = Self.table([(.pushed, Self.down), (.app, Self.full)])
        #expect(first[Self.key, "status"] == .unavailable(reason: "down"))
        #expect(first.fields(of: Self.key).isEmpty && first.isKnown(Self.key))
        let second = Self.table([(.pushed, Self.sold), (.app, Self.down)])
        #expect(second[Self.key, "status"] == .value(.string("sold")))
        #expect(second[Self.key, "seller_id"] == .unavailable(reason: "down"))
        #expect(second.unavailable(for: Self.key).map(\.origin) == [.app])
    }

    @Test func missingIsCertain() {
        let table = Self.table([(.pushed, .missing), (.app, .missing)])
        #expect(table[Self.key, "status"] == .missing)
        #expect(!table.isKnown(Self.key))
        let other = FactKey(kind: "listing", id: "8")
        guard case .unavailable = table[other, "status"] else {
            Issue.record("what was not asked for is not missing")
            return
        }
    }

    @Test(arguments: [("listing", "7"), ("user", "a/b"), ("user", "%2F"), ("user", "%/%25"), ("order", "é 1")])
    func keysGoThereAndBack(_ kind: String, _ id: String) {
        let key = FactKey(kind: kind, id: id)
        #expect(FactKey(documentID: key.documentID) == key)
    }

    @Test(arguments: [
        ("listing", true), ("a", true), ("a_b-2", true), ("", false), ("2a", false), ("A", false),
        ("a.b", false), ("$a", false), ("a b", false), ("é", false), (String(repeating: "a", count: 65), false),
    ])
    func kindsAreWords(_ text: String, _ isKind: Bool) {
        #expect(FactKey.isKind(text, bytesMost: 64) == isKind)
    }
}
