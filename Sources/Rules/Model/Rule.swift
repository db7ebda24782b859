package import Chat

/// One rule as a team wrote it.
package struct Rule: Sendable, Equatable {
    /// When a rule has its turn; the verdict by thresholds falls between `detect` and `respond`.
    package enum Phase: String, Sendable, CaseIterable, Comparable {
        case sanitise, gate, detect, respond

        package static func < (left: Self, right: Self) -> Bool { left.position < right.position }

        private var position: Int {
            switch self {
            case .sanitise: 0
            case .gate: 1
            case .detect: 2
            case .respond: 3
            }
        }
    }

    package enum Mode: String, Sendable, CaseIterable {
        case off
        /// Decides and records, and does nothing.
        case shadow
        case enforce
    }

    package var id: String
    package var description: String?
    package var place: RulePlace
    package var phase: Phase
    /// The provider's event types, and ``RuleEvent/channelSilent``.
    package var events: Set<EventType>
    package var mode: Mode
    package var condition: Condition
    package var actions: [Action]
    /// Higher goes first within a phase.
    package var priority: Int
    /// Where it fires in force, later rules are not asked.
    package var stops: Bool
    /// How often its effects go out.
    package var cooldown: Occasion?
    package var exceptions: Exceptions
    package var active: ActiveTime
    package var tests: [RuleTest]

    package init(
        id: String,
        description: String? = nil,
        place: RulePlace,
        phase: Phase = .detect,
        events: Set<EventType> = [RuleEvent.messageNew],
        mode: Mode = .enforce,
        condition: Condition,
        actions: [Action],
        priority: Int = 0,
        stops: Bool = false,
        cooldown: Occasion? = nil,
        exceptions: Exceptions = Exceptions(),
        active: ActiveTime = ActiveTime(),
        tests: [RuleTest] = []
    ) {
        (self.id, self.description, self.place, self.phase) = (id, description, place, phase)
        (self.events, self.mode, self.condition, self.actions) = (events, mode, condition, actions)
        (self.priority, self.stops, self.cooldown) = (priority, stops, cooldown)
        (self.exceptions, self.active, self.tests) = (exceptions, active, tests)
    }
}

/// Event types that rules commonly name.
package enum RuleEvent {
    package static let messageNew = EventType(rawValue: "message.new")
    package static let messageUpdated = EventType(rawValue: "message.updated")
    package static let memberAdded = EventType(rawValue: "member.added")
    /// Not the provider's: a channel in which nobody has written for as long as a rule says, noticed by the service.
    package static let channelSilent = EventType(rawValue: "channel.silent")
    /// Not the provider's either: a form command, as its hook brings it.
    package static let commandReceived = HookEvent.command
}

/// Where something stands in a rule file, counted from 1.
package struct RulePlace: Sendable, Hashable, CustomStringConvertible {
    package var file: String
    package var line: Int
    package var column: Int

    package init(file: String, line: Int, column: Int) { (self.file, self.line, self.column) = (file, line, column) }

    /// `file:line:column`.
    package var description: String { "\(file):\(line):\(column)" }
}

/// Whom and where a rule leaves alone.
package struct Exceptions: Sendable, Equatable {
    /// Roles of the acting user, everywhere or in the channel.
    package var roles: Set<String>
    package var users: Set<String>
    /// Channels by `type:id`, or all of a type by `type`.
    package var channels: Set<String>

    package init(roles: Set<String> = [], users: Set<String> = [], channels: Set<String> = []) {
        (self.roles, self.users, self.channels) = (roles, users, channels)
    }

    package var isEmpty: Bool { roles.isEmpty && users.isEmpty && channels.isEmpty }
}

/// When a rule holds, by the event's time.
package struct ActiveTime: Sendable, Equatable {
    package var from: Timestamp?
    /// Not from then on.
    package var until: Timestamp?
    package var hours: WeeklyHours?

    package init(from: Timestamp? = nil, until: Timestamp? = nil, hours: WeeklyHours? = nil) {
        (self.from, self.until, self.hours) = (from, until, hours)
    }
}

/// Hours of some days of the week, by the clocks of a place.
package struct WeeklyHours: Sendable, Equatable {
    /// ISO 8601: Monday is 1, Sunday 7.
    package var days: Set<Int>
    /// Minutes since midnight, 0 to 1,440; where the end is not after the beginning, the next day's.
    package var from: Int
    package var to: Int
    package var zone: Zone

    package init(days: Set<Int> = Set(1...7), from: Int = 0, to: Int = 1_440, zone: Zone = .utc) {
        (self.days, self.from, self.to, self.zone) = (days, from, to, zone)
    }
}

/// Of whom something is counted or remembered.
package enum Subject: String, Sendable, CaseIterable {
    case user, channel
    case userInChannel = "user-and-channel"
}

/// Once for each subject within a time; without a time, once for ever.
package struct Occasion: Sendable, Hashable {
    package var per: Subject
    package var within: Duration?

    package init(per: Subject, within: Duration?) { (self.per, self.within) = (per, within) }
}
