import Chat
import YAML

/// `active`.
enum ActiveKeys {
    struct Draft: Sendable {
        var from: Timestamp?
        var until: Located<Timestamp>?
        var hours = HoursDraft()
    }

    static let table = Keys<Draft>(
        noun: "key of active",
        keys: [
            Key("from", "Not before this time.", .time) { $0.from = $1 },
            Key("until", "Not from this time on.", Form<Timestamp>.time.located) { $0.until = $1 },
        ] + HoursKeys.keys.map { $0.within(\.hours) },
        also: ["to": "until", "since": "from", "start": "from", "end": "until", "timezone": "zone", "day": "days"],
        example: "{ from: 2026-12-01T00:00:00Z, until: 2027-01-01T00:00:00Z }"
    )

    static let form = table.form(from: Draft()) { draft, node, reading -> ActiveTime? in
        if let from = draft.from, let until = draft.until, until.value <= from {
            reading.refuse(until.position, "until: the time is not after from; the rule can never fire")
            return nil
        }
        let weekly = draft.hours.weekly
        if draft.hours.zone != nil, weekly == nil {
            reading.refuse(
                node.position,
                "\(reading.key): found a zone without days or hours; from and until carry their own"
            )
            return nil
        }
        return ActiveTime(from: draft.from, until: draft.until?.value, hours: weekly)
    }
}
