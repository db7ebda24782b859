/// A silence as it was written.
struct SilenceDraft: Sendable {
    var longerThan: Duration?
    var per = Subject.channel
}

enum SilenceKeys {
    static let table = Keys<SilenceDraft>(
        noun: "key of a silence",
        keys: [
            Key("longer_than", "The last message before was longer ago than this.", .duration, required: true) {
                $0.longerThan = $1
            },
            Key("per", "Whose last message; left out: channel.", .choice(also: Subject.confused)) { $0.per = $1 },
        ],
        also: ["for": "longer_than", "more_than": "longer_than", "older_than": "longer_than", "of": "per"],
        example: "{ longer_than: 3w }"
    )

    static let form = table.form(from: SilenceDraft()) { draft, _, reading -> Condition? in
        guard let longerThan = draft.longerThan else { return nil }
        if draft.per == .channel { reading.notes.watchesChannel = true }
        let bounds = Bounds(lowest: Double(longerThan.components.seconds), isLowestIncluded: false)
        return .silence(per: draft.per, bounds)
    }
}
