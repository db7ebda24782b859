import Chat
import YAML

/// Days of the week and hours of the day as they were written.
struct HoursDraft: Sendable {
    var days: Set<Weekday>?
    var hours: DayHours?
    var zone: Zone?

    /// `nil` when neither days nor hours are given.
    var weekly: WeeklyHours? {
        guard days != nil || hours != nil else { return nil }
        var weekly = WeeklyHours()
        if let days { weekly.days = Set(days.map(\.number)) }
        if let hours { (weekly.from, weekly.to) = (hours.from, hours.to) }
        if let zone { weekly.zone = zone }
        return weekly
    }
}

/// A day of the week, by the first three letters of its English name.
enum Weekday: String, Sendable, CaseIterable {
    case mon, tue, wed, thu, fri, sat, sun

    /// ISO 8601: Monday is 1.
    var number: Int { (Self.allCases.firstIndex(of: self) ?? 0) + 1 }

    static let names: [String: Weekday] = [
        "monday": .mon, "tuesday": .tue, "wednesday": .wed, "thursday": .thu, "friday": .fri, "saturday": .sat,
        "sunday": .sun, "tues": .tue, "thur": .thu, "thurs": .thu,
    ]
}

struct DayHours: Sendable {
    let from: Int
    let to: Int
}

enum HoursKeys {
    static let keys: [Key<HoursDraft>] = [
        Key("days", "On these days of the week.", Form<Weekday>.choice(also: Weekday.names).oneOrManyOnce) {
            $0.days = $1
        },
        Key("hours", "Between these times of the day; an end before the beginning is on the next day.", .hours) {
            $0.hours = $1
        },
        Key("zone", "By the clocks of this place, such as Europe/Oslo; left out: UTC.", .zone) { $0.zone = $1 },
    ]

    static let table = Keys<HoursDraft>(
        noun: "key of time",
        keys: keys,
        also: ["day": "days", "hour": "hours", "timezone": "zone", "tz": "zone", "from": "hours"],
        example: "{ days: [sat, sun], hours: \"22:00-06:00\" }"
    )

    static let condition = table.form(from: HoursDraft()) { draft, node, reading -> Condition? in
        if let weekly = draft.weekly { return .hours(weekly) }
        reading.refuse(node.position, "\(reading.key): neither days nor hours are given; one of them is needed")
        return nil
    }
}

extension Form where Value == DayHours {
    static var hours: Form {
        let allowed = "hours such as \"09:00-17:00\" (00:00 to 24:00)"
        return Form(
            allowed: allowed,
            schema: .text(pattern: "^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")
        ) { node, reading in
            let ends = node.written?.split(separator: "-", omittingEmptySubsequences: false) ?? []
            guard ends.count == 2, let from = RuleName.minutes(ends[0]), let to = RuleName.minutes(ends[1]),
                from < 1_440
            else {
                reading.refuse(node, allowed: allowed)
                return nil
            }
            guard from != to else {
                reading.refuse(
                    node.position,
                    "\(reading.key): found \(node.inWords), which ends as it begins; leave hours out for the whole day"
                )
                return nil
            }
            return DayHours(from: from, to: to)
        }
    }
}
