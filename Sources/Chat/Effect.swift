/// Something to be done in the outside world: decided, written down, and not done yet.
package struct Effect: Sendable, Equatable {
    /// What makes it this effect and no other: see ``EffectKey``.
    package var key: EffectKey
    /// Who performs it.
    package var destination: Destination
    /// Effects of one lane at one destination are performed in the order of their writing: a channel's `cid` or a user's id.
    package var lane: String
    /// What is to be done, for people and filters: `message.delete`, `user.upsert`.
    package var action: String
    /// JSON text, which the destination's performer reads.
    package var payload: String
    package var cause: Cause
    /// When that happened which it answers: ``maximumAge`` counts from here.
    package var eventTime: Timestamp
    /// Older than this it is not performed any more; `nil` is never too old.
    package var maximumAge: Duration?
    /// Not performed before; until then it can be cancelled.
    package var notBefore: Timestamp?

    package init(
        key: EffectKey,
        destination: Destination,
        lane: String,
        action: String,
        payload: String,
        cause: Cause,
        eventTime: Timestamp,
        maximumAge: Duration? = nil,
        notBefore: Timestamp? = nil
    ) {
        (self.key, self.destination, self.lane, self.action) = (key, destination, lane, action)
        (self.payload, self.cause, self.eventTime) = (payload, cause, eventTime)
        (self.maximumAge, self.notBefore) = (maximumAge, notBefore)
    }

    /// Whether the answer would come too late.
    package func isStale(at now: Timestamp) -> Bool {
        guard let maximumAge else { return false }
        return now.nanoseconds - maximumAge.nanoseconds > eventTime.nanoseconds
    }
}

extension Effect {
    /// Entity, version of what was judged, cause and action: whatever arrives twice finds it written down already.
    package struct EffectKey: Sendable, Hashable, CustomStringConvertible {
        package let description: String

        /// - Parameter version: of the entity: a message's text version, a profile's digest.
        package init(entity: String, version: String, cause: String, action: String) {
            description = [entity, version, cause, action].map(Self.escaped).joined(separator: "/")
        }

        /// As ``description`` gave it.
        package init(stored: String) { description = stored }

        /// What it is about: a channel's `cid`, a user's id or another entity.
        package var entity: String {
            String(description.prefix { $0 != "/" }).replacing("%2F", with: "/").replacing("%25", with: "%")
        }

        private static func escaped(_ part: String) -> String {
            part.replacing("%", with: "%25").replacing("/", with: "%2F")
        }
    }

    /// What made it: an event, a call of the interface, a schedule, a rule.
    package struct Cause: Sendable, Hashable {
        package enum Kind: String, Sendable, CaseIterable { case event, call, schedule, rule }

        package var kind: Kind
        /// The event's id, the key's id, the schedule's or rule's name.
        package var id: String

        package init(_ kind: Kind, _ id: String) { (self.kind, self.id) = (kind, id) }
    }

    /// Who performs effects, by name: `provider`, `email`, `webhook:orders`.
    package struct Destination: Sendable, Hashable, CustomStringConvertible {
        package let description: String
        package init(_ name: String) { description = name }

        package static let provider = Destination("provider")
        package static let email = Destination("email")
    }
}

extension Duration {
    /// Saturating, as ``Timestamp`` counts.
    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        return product + attoseconds / 1_000_000_000
    }
}
