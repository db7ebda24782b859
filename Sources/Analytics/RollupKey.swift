package import Chat

/// Which figures one document of rollups holds: of a scope's member, of one type of message, of a UTC day or month.
package struct RollupKey: Sendable, Hashable {
    package var scope: RollupScope
    /// Whose; empty where the scope has one member.
    package var id: String
    /// The business type of the messages, else the provider's; of reactions theirs, of active users the interval.
    package var type: String
    /// See ``RollupPlace/objects``.
    package var objects: BusinessContext
    package var period: RollupPeriod

    package init(_ place: RollupPlace, _ period: RollupPeriod) {
        (scope, id, type, objects) = (place.scope, place.id, place.type, place.objects)
        self.period = period
    }

    package init(_ scope: RollupScope, _ id: String, type: String, period: RollupPeriod) {
        self.init(RollupPlace(scope, id, type: type), period)
    }
}

/// What messages are counted by.
package enum RollupScope: String, Sendable, CaseIterable {
    /// Every message.
    case all
    /// The part of a channel's id before the colon.
    case channelType
    case channel, listing, event, artist, venue
    /// The provider's team that a channel belongs to.
    case team
    /// Reactions of everyone.
    case reactions
    /// Users who wrote: the id is a time zone.
    case people

    /// Kept by day, and by node, so that nodes do not meet in what most batches touch.
    ///
    /// The others are many, and most of them small: they are kept by month.
    package var isShared: Bool {
        switch self {
        case .all, .channelType, .team, .reactions, .people: true
        case .channel, .listing, .event, .artist, .venue: false
        }
    }

    /// Active users are one number a day, a week or a month, so that a document a month is enough.
    package var isByDay: Bool { isShared && self != .people }

    package static let ofMessages: [RollupScope] = [
        .all, .channelType, .channel, .listing, .event, .artist, .venue, .team,
    ]

    package static let ofObjects: [RollupScope] = [.listing, .event, .artist, .venue]
    package static let objectKinds = Set(ofObjects.compactMap(\.kind))

    /// The business object that a message has to have to be counted; `nil` where each is.
    package var kind: BusinessContext.Kind? {
        switch self {
        case .listing: .listing
        case .event: .event
        case .artist: .artist
        case .venue: .venue
        default: nil
        }
    }
}

/// What is counted.
package enum RollupMeasure: Int, Sendable, CaseIterable {
    case messages, replies, attachments, offers, edits, deletions
    case reactions
    case active, new

    /// The field of a document that holds its counts by slot.
    package var field: String { Self.fields[rawValue] }
    private static let fields = ["m", "y", "a", "o", "e", "d", "r", "u", "n"]

    package static let ofMessages: [RollupMeasure] = [.messages, .replies, .attachments, .offers, .edits, .deletions]
}

/// A day or a month of UTC.
package struct RollupPeriod: Sendable, Hashable {
    /// Days since 1970-01-01, or months since January of the year 0.
    package var number: Int64
    package var isDay: Bool

    package init(of quarter: Quarter, byDay: Bool) {
        isDay = byDay
        guard !byDay else {
            number = quarter.day
            return
        }
        let date = CivilDate(daysSince1970: quarter.day)
        number = date.year * 12 + date.month - 1
    }

    private init(_ number: Int64, isDay: Bool) { (self.number, self.isDay) = (number, isDay) }

    package var next: RollupPeriod { RollupPeriod(number + 1, isDay: isDay) }

    /// The first quarter-hour, from which slots are counted.
    package var start: Quarter {
        if isDay { return Quarter(day: number) }
        let month = CivilDate(year: number / 12, month: number % 12 + 1, day: 1)
        return Quarter(day: month?.daysSince1970 ?? 0)
    }

    package func slot(of quarter: Quarter) -> Int { Int(quarter.number - start.number) }

    /// `2026-05-08` or `2026-05`: in the order of time.
    package var text: String {
        let date = CivilDate(daysSince1970: start.day)
        func digits(_ number: Int64, _ count: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
        }
        let month = digits(date.year, 4) + "-" + digits(date.month, 2)
        return isDay ? month + "-" + digits(date.day, 2) : month
    }
}

/// One count of a document: of what, and in which of its quarter-hours.
package struct RollupCell: Sendable, Hashable {
    package var measure: RollupMeasure
    package var slot: Int

    package init(_ measure: RollupMeasure, slot: Int) { (self.measure, self.slot) = (measure, slot) }
}
