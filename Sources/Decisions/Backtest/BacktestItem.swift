import Chat
import History
import Rules

/// One event of the log on its way through a backtest.
///
/// `@unchecked Sendable`: what changes is touched by whoever decides alone, one page after the other.
final class BacktestItem: @unchecked Sendable {
    let subject: Decision.Subject
    /// FNV-1a of the message's id; 0 of what is no message.
    let message: UInt64
    /// Of what is judged, its type and its version: the same for events that tell of the same.
    let identity: UInt64
    /// Cut; kept where some rule may fire.
    let text: String?
    /// What it says to each of the rule sets.
    let observations: [Observation?]
    /// What each of them came to last; `nil` where no rule fired.
    var outcomes: [BacktestOutcome?]

    init(_ event: ChatEvent, _ observations: [Observation?], textCharacters: Int) {
        subject = Decision.Subject(event)
        message = subject.messageID.map { StableHash.of($0) } ?? 0
        var hash = StableHash()
        hash.add(subject.type.rawValue)
        if let id = subject.messageID { hash.add(id) } else { hash.add(subject.event.bytes) }
        hash.add(UInt64(bitPattern: subject.version))
        identity = hash.value
        let mayFire = observations.contains { $0?.mayFire == true }
        text = mayFire ? event.message?.text.map { String($0.prefix(textCharacters)) } : nil
        self.observations = observations
        outcomes = [BacktestOutcome?](repeating: nil, count: observations.count)
    }

    /// A message as it was first written.
    var isNewMessage: Bool { message != 0 && subject.type == RuleEvent.messageNew }
}

/// What a rule set came to about one event, as far as a backtest counts it.
struct BacktestOutcome: Equatable {
    var verdict: Verdict
    /// With the rules in shadow mode in force.
    var shadowVerdict: Verdict
    /// Ids of rules that fired, and whether in shadow mode.
    var fired: [(id: String, isShadow: Bool)]
    /// A person would have to look at it: flagged or held.
    var isForReview: Bool
    /// Flagged, or more than allowed.
    var isCaught: Bool

    init(_ decision: Decision) {
        (verdict, shadowVerdict) = (decision.enforced.verdict, decision.shadow.verdict)
        fired = decision.fired.map { ($0.id, $0.isShadow) }
        let names = decision.actions.map(\.name)
        isForReview = names.contains("flag") || names.contains("hold")
        isCaught = verdict > .allow || names.contains("flag")
    }

    static func == (left: Self, right: Self) -> Bool {
        (left.verdict, left.shadowVerdict, left.isForReview, left.isCaught)
            == (right.verdict, right.shadowVerdict, right.isForReview, right.isCaught)
            && left.fired.elementsEqual(right.fired) { $0 == $1 }
    }
}

/// FNV-1a with 64 bits: two of a million things are told apart but once in thirty million times.
struct StableHash {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    /// No text holds the byte that ends it here.
    mutating func add(_ text: String) {
        for byte in text.utf8 { add(byte) }
        add(0xFF as UInt8)
    }

    mutating func add(_ bytes: [UInt8]) { for byte in bytes { add(byte) } }
    mutating func add(_ number: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    private mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }

    static func of(_ texts: String...) -> UInt64 {
        var hash = StableHash()
        for text in texts { hash.add(text) }
        return hash.value
    }
}

/// Numbers seen lately, as many as are allowed.
struct RecentNumbers {
    private var young: Set<UInt64> = []
    private var old: Set<UInt64> = []
    private let most: Int

    init(most: Int) { self.most = most }

    /// - Returns: whether it is new.
    mutating func insert(_ number: UInt64) -> Bool {
        if young.contains(number) || old.contains(number) { return false }
        if young.count >= most / 2 { (old, young) = (young, []) }
        young.insert(number)
        return true
    }
}
