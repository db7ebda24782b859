package import Chat

/// Which events cause something to be sent, and where to; all off until set.
package struct EventEffectSettings: Sendable, Equatable {
    /// Every event of some types to the app's own endpoint.
    package struct Bridge: Sendable, Equatable {
        package var destination: Effect.Destination
        /// `nil` is every type.
        package var types: Set<String>?
        /// What happened longer ago is written down, and not forwarded.
        package var maximumAge: Duration

        package init(destination: Effect.Destination, types: Set<String>? = nil, maximumAge: Duration) {
            (self.destination, self.types, self.maximumAge) = (destination, types, maximumAge)
        }
    }

    /// A message of some business types to the seller whom it was written to.
    package struct NewOffer: Sendable, Equatable {
        package var destinations: [Effect.Destination]
        package var types: Set<String>

        package init(destinations: [Effect.Destination], types: Set<String> = ["offer", "counter_offer"]) {
            (self.destinations, self.types) = (destinations, types)
        }
    }

    /// What was flagged or is to be reviewed.
    package struct ModeratorAlert: Sendable, Equatable {
        package var destinations: [Effect.Destination]
        /// Ids of the moderators who get mail: see ``NotificationOrder/Recipient/moderator(_:)``.
        package var moderators: [String]
        /// Those of the destinations that reach users, at which all with a moderator's role are told.
        package var byRole: [Effect.Destination]

        package init(
            destinations: [Effect.Destination],
            moderators: [String] = [],
            byRole: [Effect.Destination] = []
        ) {
            (self.destinations, self.moderators, self.byRole) = (destinations, moderators, byRole)
        }
    }

    /// Messages that were not read for some time.
    package struct UnreadReminder: Sendable, Equatable {
        package var destinations: [Effect.Destination]
        /// From the message to the reminder.
        package var delay: Duration

        package init(destinations: [Effect.Destination], delay: Duration) {
            (self.destinations, self.delay) = (destinations, delay)
        }
    }

    package var bridge: Bridge?
    package var newOffer: NewOffer?
    package var moderatorAlert: ModeratorAlert?
    package var unreadReminder: UnreadReminder?
    /// What happened longer ago is not told to anyone any more; the bridge has an age of its own.
    package var maximumAge: Duration

    package init(maximumAge: Duration) { self.maximumAge = maximumAge }

    package var isEmpty: Bool {
        bridge == nil && newOffer == nil && moderatorAlert == nil && unreadReminder == nil
    }
}
