import Chat
import Limits
import MongoDB
import Testing

@testable import Outbox

/// What one destination's trouble means for its effects.
struct DestinationLanesTests {
    private struct Plain: EffectPerformer {
        var limited: Set<String> = []
        var batch = 1
        func batchSize(for action: String) -> Int { batch }
        func delay(before effects: [PendingEffect]) -> Duration? {
            effects.contains { limited.contains($0.action) } ? .seconds(30) : nil
        }
        func perform(_ effects: [PendingEffect]) async -> [EffectOutcome] { [] }
    }

    private let now = Timestamp(milliseconds: 1_000_000)

    private func row(_ number: Int, lane: String? = nil, action: String = "a") throws -> OutboxRow {
        let effect = Effect.sample(number, lane: lane ?? "l\(number)", action: action)
        let write = effect.storedFields(.on, order: Int64(number), at: now)
        var document = BSONDocument()
        document.append("_id", effect.key.description)
        for (key, value) in write { document.append(key, value: value) }
        return try #require(OutboxRow(document))
    }

    private func lanes(_ rows: [OutboxRow], _ limits: Limits.Outbox = Limits.Outbox()) -> DestinationLanes {
        var lanes = DestinationLanes(.provider, limits)
        lanes.beginReading(isPoll: true, at: .zero)
        let page = DestinationLanes.Page(from: .min, isSwept: true)
        lanes.add(.init(rows: rows, last: rows.last?.order ?? .min, isEnd: true), of: page, at: now, .zero)
        return lanes
    }

    private func begin(_ lanes: inout DestinationLanes, _ performer: Plain = Plain(), at uptime: Duration)
        -> [[OutboxRow]]
    {
        let groups = lanes.take(performer, at: uptime, now).groups
        for _ in groups { lanes.begin(calls: 1) }
        return groups
    }

    /// Ends one call as the dispatcher does, with what is written down of it.
    @discardableResult
    private func end(
        _ lanes: inout DestinationLanes,
        _ rows: [OutboxRow],
        _ outcomes: [EffectOutcome],
        at uptime: Duration
    ) -> [EffectOutcome] {
        let written = lanes.end(rows, outcomes, at: uptime)
        for (row, outcome) in zip(rows, written) {
            var conclusion = OutboxStore.Conclusion(row: row, state: .done, entry: TimelineEntry(at: now, what: .done))
            switch outcome {
            case .done, .alreadyDone, .refused, .unsent(.needless), .unsent(.impossible): break
            default: (conclusion.state, conclusion.retryAt) = (.waiting, now)
            }
            lanes.concluded(conclusion, now, uptime)
        }
        return written
    }

    @Test func anActionAtItsLimitRestsAndOthersGoOn() throws {
        let rows = try (0..<200).map { try row($0, action: "sendMessage") } + [row(200, action: "ban")]
        var lanes = lanes(rows)
        let groups = begin(&lanes, Plain(limited: ["sendMessage"]), at: .zero)
        #expect(groups.map { $0.map(\.action) } == [["ban"]])
        #expect(lanes.nextDue == .seconds(30))
        #expect(begin(&lanes, at: .seconds(29)).isEmpty)
        #expect(begin(&lanes, at: .seconds(30)).count == Limits.Outbox().providerCalls - 1)
    }

    @Test func aLimitThatIsAnsweredRestsItsActionAndIsNobodysFault() throws {
        var lanes = lanes(try [row(1, action: "x"), row(2, action: "x"), row(3, action: "y")])
        let first = begin(&lanes, at: .zero)
        #expect(first.count == 3)
        end(&lanes, first[0], [.limited(reason: "429", after: .seconds(20))], at: .zero)
        #expect(lanes.circuit.isClosed)
        end(&lanes, first[1], [.limited(reason: "429", after: .seconds(9))], at: .zero)
        end(&lanes, first[2], [.retry(reason: "500", after: nil)], at: .zero)
        #expect(begin(&lanes, at: .seconds(19)).map { $0.map(\.action) } == [["y"]])
        #expect(lanes.nextDue == .seconds(20))
        #expect(begin(&lanes, at: .seconds(20)).count == 2)
    }

    @Test func whatWasNotSentSaysNothingOfTheDestination() throws {
        var limits = Limits.Outbox()
        limits.circuitFailures = 1
        var lanes = lanes(try (0..<4).map { try row($0) }, limits)
        let calls = begin(&lanes, at: .zero)
        end(&lanes, calls[0], [.retry(reason: "timed out", after: nil)], at: .zero)
        for call in calls[1...] { end(&lanes, call, [.unsent(.needless(answer: "read meanwhile"))], at: .zero) }
        #expect(!lanes.circuit.isClosed)
        // The probe, too: another may look at once.
        let probe = begin(&lanes, at: .seconds(1))
        #expect(probe.count == 1)
        end(&lanes, probe[0], [.unsent(.postponed(reason: "facts", after: .seconds(1)))], at: .seconds(1))
        #expect(!lanes.circuit.isClosed && begin(&lanes, at: .seconds(1)).count == 1)
    }

    @Test func aPartOfACallThatWasNotSentDoesNotCloseTheCircuit() throws {
        var limits = Limits.Outbox()
        limits.circuitFailures = 1
        var lanes = lanes(try [row(1), row(2)], limits)
        let performer = Plain(batch: 100)
        let call = begin(&lanes, performer, at: .zero)
        #expect(call.count == 1)
        let outcomes: [EffectOutcome] = [.alreadyDone(answer: "there"), .retry(reason: "503", after: nil)]
        end(&lanes, call[0], outcomes, at: .zero)
        #expect(!lanes.circuit.isClosed)
    }

    @Test func oneEffectThatLooksLikeAWrongSettingHoldsUpNobody() throws {
        let rows = try (0..<4).map { try row($0) }
        var lanes = lanes(rows)
        let refusal = EffectOutcome.misconfigured(reason: "403")
        let calls = begin(&lanes, at: .zero)
        #expect(end(&lanes, calls[0], [refusal], at: .zero) == [refusal])
        #expect(lanes.circuit.opensAt == .seconds(1))
        for call in calls[1...] { end(&lanes, call, [.done(answer: "200")], at: .zero) }
        // Others fared well: from now on it is its own fault, and counts.
        for second in 1...3 {
            let again = begin(&lanes, at: .seconds(second))
            #expect(again.map { $0.map(\.key) } == [[rows[0].key]])
            let written = end(&lanes, again[0], [refusal], at: .seconds(second))
            #expect(written == [.retry(reason: "403", after: nil)])
            #expect(lanes.circuit.isClosed)
        }
    }

    @Test func wrongSettingsStopTheDestinationAndNoEffectIsBlamed() throws {
        var lanes = lanes(try (0..<200).map { try row($0) })
        let refusal = EffectOutcome.misconfigured(reason: "401")
        for call in begin(&lanes, at: .zero) { #expect(end(&lanes, call, [refusal], at: .zero) == [refusal]) }
        #expect(lanes.circuit.opensAt == .milliseconds(Limits.Outbox().circuitCeilingMilliseconds))
        for minute in 1...20 {
            let probe = begin(&lanes, at: .seconds(60 * minute))
            #expect(probe.count == 1)
            #expect(end(&lanes, probe[0], [refusal], at: .seconds(60 * minute)) == [refusal])
        }
    }

    @Test func anOpenCircuitWithNothingToTryWakesNobody() throws {
        var limits = Limits.Outbox()
        limits.circuitFailures = 1
        var lanes = lanes(try [row(1), row(2)], limits)
        let calls = begin(&lanes, at: .zero)
        end(&lanes, calls[0], [.retry(reason: "503", after: nil)], at: .zero)
        // One is under way: its end comes first.
        #expect(lanes.nextDue == nil)
        end(&lanes, calls[1], [.refused(reason: "400")], at: .zero)
        #expect(lanes.circuit.isClosed)
        let again = begin(&lanes, at: .zero)
        end(&lanes, again[0], [.retry(reason: "503", after: nil)], at: .zero)
        #expect(lanes.nextDue == .seconds(1))
        let probe = begin(&lanes, at: .seconds(1))
        end(&lanes, probe[0], [.unsent(.needless(answer: "over"))], at: .seconds(1))
        #expect(!lanes.circuit.isClosed && lanes.nextDue == nil)
    }

    @Test func aPageFullOfWhatIsKnownIsNotReadForEver() throws {
        var limits = Limits.Outbox()
        limits.pageRows = 10
        let rows = try (0..<25).map { try row($0) }
        var lanes = DestinationLanes(.provider, limits)
        var read: [DestinationLanes.Page] = []
        func readRound(isPoll: Bool) {
            lanes.beginReading(isPoll: isPoll, isTold: true, at: .zero)
            while let page = lanes.nextPage() {
                read.append(page)
                let found = rows.filter { $0.order >= page.from }.prefix(10)
                let part = OutboxStore.OpenRows(
                    rows: Array(found),
                    last: found.last?.order ?? .min,
                    isEnd: found.count < 10
                )
                lanes.add(part, of: page, at: now, .zero)
            }
        }
        readRound(isPoll: true)
        #expect(read.map(\.from) == [.min, 9, 18] && !lanes.isHungry)
        read = []
        // All within the time that a commit may come late: the look at what is new begins at the first again.
        readRound(isPoll: false)
        #expect(read.count == 3 && read.allSatisfy { !$0.isSwept } && !lanes.isHungry)
    }
}
