import Chat
import Limits
import TestSupport
import Testing

@testable import History

/// Items of the review queue as values: how grave they are, since when they wait, and how much of them is kept.
struct ReviewCaseTests {
    private static func time(_ second: Int64) -> Timestamp { Timestamp(nanoseconds: second * 1_000_000_000) }

    private static func source(
        _ kind: ReviewSource.Kind,
        _ by: String,
        _ second: Int64,
        _ severity: Severity? = nil,
        labels: [String] = [],
        reason: String? = nil
    ) -> ReviewSource {
        let stamp = Stamp(time: time(second), tieBreak: 0)
        return ReviewSource(kind, by: by, at: stamp, reason: reason, labels: labels, severity: severity)
    }

    private static func item(_ sources: [ReviewSource]) -> ReviewCaseRecord {
        var item = ReviewCaseRecord(.message("m1"))
        sources.forEach { item.add($0) }
        return item
    }

    private struct Grave: Sendable {
        var complaints: Int
        var rule: Severity?
        var severity: Severity
    }

    @Test func manyComplaintsMakeItGraver() {
        let table = [
            Grave(complaints: 1, severity: .low), Grave(complaints: 2, severity: .low),
            Grave(complaints: 3, severity: .medium), Grave(complaints: 9, severity: .medium),
            Grave(complaints: 10, severity: .high), Grave(complaints: 0, rule: .medium, severity: .medium),
            Grave(complaints: 3, rule: .high, severity: .critical),
            Grave(complaints: 10, rule: .critical, severity: .critical),
        ]
        for row in table {
            let complaints = (0..<row.complaints).map { Self.source($0 % 2 == 0 ? .report : .flag, "u\($0)", 5) }
            let rule = row.rule.map { [Self.source(.rule, "r", 6, $0)] } ?? []
            #expect(Self.item(complaints + rule).severity == row.severity, "\(row)")
        }
        // One user in two ways, or twice, complains once.
        let again = Self.item([Self.source(.report, "a", 1), Self.source(.flag, "a", 2), Self.source(.report, "a", 3)])
        #expect(again.complaints == 1 && again.sources.count == 2)
    }

    @Test func itWaitsForWhatNoDecisionIsLaterThan() {
        var item = Self.item([Self.source(.report, "a", 10, labels: ["spam"]), Self.source(.rule, "r", 12, .high)])
        #expect(item.isOpen && item.since == Self.time(10) && item.severity == .high && item.labels == ["spam"])
        item.resolve(through: Self.time(12))
        #expect(!item.isOpen && item.since == Self.time(12) && item.severity == .high)
        // What comes late was said before.
        item.add(Self.source(.report, "b", 11))
        #expect(!item.isOpen && item.firstAt == Self.time(10))
        item.add(Self.source(.report, "c", 15))
        item.add(Self.source(.flag, "d", 14))
        #expect(item.isOpen && item.since == Self.time(14) && item.severity == .low && item.labels == [])
        #expect(item.standing.map(\.by).sorted() == ["c", "d"])
        // A decision here is later than all that is known, wherever the provider's clock stands.
        item.resolve(at: Self.time(13))
        #expect(!item.isOpen && item.moment(at: Self.time(13)) > Self.time(15))
    }

    /// In whatever order the provider tells of its item, its being marked there and the decision here, and what was said.
    @Test func theEchoOfADecisionIsNone() {
        let created = Self.source(.provider, "rq1", 10)
        var marked = created
        (marked.stamp, marked.markedAt) = (Stamp(time: Self.time(20), tieBreak: 0), Self.time(20))
        let said = Self.source(.report, "a", 15)
        for order in [[created, marked, said], [marked, said, created], [said, created, marked]] {
            var item = ReviewCaseRecord(.message("m1"))
            item.decide(at: Self.time(12))
            for source in order {
                var other = ReviewCaseRecord(.message("m1"))
                other.add(source)
                item.merge(other)
            }
            #expect(item.isOpen && item.standing.map(\.by) == ["a"] && item.resolvedThrough == Self.time(12))
            #expect(ReviewCaseRecord(item.document) == item)
            // Without a decision here it was theirs.
            #expect(!Self.item(order).isOpen)
        }
        // What is marked there was made after the decision here.
        var item = Self.item([Self.source(.provider, "rq2", 30), said])
        item.decide(at: Self.time(12))
        #expect(!item.isOpen)
        var later = Self.source(.provider, "rq3", 40)
        later.markedAt = Self.time(45)
        item.add(later)
        #expect(item.resolvedThrough == Self.time(45))
    }

    @Test func whateverComesInWhateverOrderTheSameIsKept() {
        var random = SeededRandom()
        let most = Limits.Review().sources
        let sources = (0..<(6 * most)).map { index in
            let labels = (0..<3).map { _ in "label\(Int.random(in: 0..<30, using: &random))" }
            let second = Int64.random(in: 1...1_000, using: &random)
            let kind = [ReviewSource.Kind.flag, .report, .rule][index % 3]
            return Self.source(kind, "u\(index % (2 * most))", second, labels: labels)
        }
        let expected = Self.item(sources)
        #expect(expected.sources.count(where: \.kind.isPersons) == most)
        #expect(expected.sources.count { $0.kind == .rule } == most)
        #expect(expected.sources.allSatisfy { $0.labels.count <= Limits.Review().labels })
        for _ in 0..<50 {
            var (left, right) = (Self.item([]), Self.item([]))
            for source in (sources + sources.prefix(20)).shuffled(using: &random) {
                if Bool.random(using: &random) { left.add(source) } else { right.add(source) }
            }
            var merged = left
            merged.merge(right)
            right.merge(left)
            #expect(merged == right && merged == expected, "TEST_SEED=\(random.seed)")
            #expect(ReviewCaseRecord(merged.document) == merged)
        }
    }

    /// Of a message whose author is erased nobody's words are kept, whichever came first.
    @Test func nothingIsKeptThatWasSaidOfAnErasedAuthor() {
        let said = Self.source(.report, "ben", 3, reason: "rude")
        var early = Self.item([said])
        early.describe(cid: "messaging:a", author: "erased:0011223344556677")
        var late = Self.item([])
        late.describe(cid: "messaging:a", author: "erased:0011223344556677")
        late.add(said)
        late.add(Self.source(.rule, "r", 4, reason: "links"))
        #expect(early.sources.map(\.reason) == [nil])
        #expect(late.sources.map(\.reason) == [nil, "links"])
    }

    @Test func theProvidersNumbersAreOfAHundred() {
        let severities = [Int64.min, 0, 39, 40, 69, 70, 89, 90, 100, .max].map(Severity.init(percent:))
        #expect(severities == [.low, .low, .low, .medium, .medium, .high, .high, .critical, .critical, .critical])
    }
}
