import Limits
import YAML

/// A rate as it was written.
struct RateDraft: Sendable {
    var counted: Rate.Counted?
    var moreThan: Located<Int>?
    var within: Duration?
    var per = Subject.user
}

enum RateKeys {
    static let table = Keys<RateDraft>(
        noun: "key of a rate",
        keys: [
            Key("of", "What is counted.", .choice(), required: true) { $0.counted = $1 },
            Key(
                "more_than",
                "More than this many, the judged one included.",
                Form<Int>.integer(0...Int(Int32.max)).located,
                required: true
            ) {
                $0.moreThan = $1
            },
            Key("within", "In this time up to the judged event.", within, required: true) { $0.within = $1 },
            Key("per", "Of whom it is counted; left out: user.", .choice(also: Subject.confused)) { $0.per = $1 },
        ],
        also: ["for": "within", "in": "within", "count": "of", "at_least": "more_than", "by": "per"],
        example: "{ of: messages, more_than: 10, within: 30s }"
    )

    static let form = table.form(from: RateDraft()) { draft, _, reading -> Rate? in
        guard let counted = draft.counted, let moreThan = draft.moreThan, let within = draft.within else { return nil }
        // Only so many earlier messages are looked back on; each may hold many links and mentions.
        let most = reading.limits.windowEntries
        guard moreThan.value <= most || counted == .links || counted == .mentions else {
            reading.refuse(
                moreThan.position,
                "more_than: found \(moreThan.value), and only \(most) before the judged one are looked back on; allowed: 0 to \(most)"
            )
            return nil
        }
        return Rate(counted, moreThan: moreThan.value, within: within, per: draft.per)
    }

    private static let within = Form<Duration>.duration.checked { duration, node, reading in
        guard duration > .seconds(reading.limits.rateDays * 86_400) else { return true }
        reading.refuse(
            node.position,
            "\(reading.key): found \(node.inWords); at most \(reading.limits.rateDays)d are counted"
        )
        return false
    }
}
