package import JSON

/// What a back-fill has read, and what of it webhooks had not brought.
package struct BackfillCounts: Sendable, Equatable {
    package var channels = 0
    /// Channels, or a page of bans, that the provider would not show: gone since they were listed, or not to be read with
    /// our key.
    package var refused = 0
    package var members = 0
    package var messages = 0
    /// Bans in force that were made in the window.
    package var bans = 0
    /// Messages that were not in the history at all.
    package var missing = 0
    /// Messages of which the history held an earlier state: an edit or deletion had been missed.
    package var outdated = 0
    /// Channels, members and bans of which the history held an earlier state, or none.
    package var changed = 0
    /// Parts of the provider's answers that could not be read, and were left out.
    package var unreadable = 0

    package init() {}

    /// The share of the messages read that had been missing, 0 to 1; `nil` when there were none.
    package var lossRate: Double? { messages == 0 ? nil : Double(missing) / Double(messages) }

    package static func += (left: inout Self, right: Self) {
        for field in Self.fields { left[keyPath: field.path] += right[keyPath: field.path] }
    }

    /// Every count with its name outside of the program.
    package static var fields: [(name: String, path: WritableKeyPath<Self, Int>)] {
        [
            ("channels", \.channels), ("refused", \.refused), ("members", \.members), ("messages", \.messages),
            ("bans", \.bans), ("missing", \.missing), ("outdated", \.outdated), ("changed", \.changed),
            ("unreadable", \.unreadable),
        ]
    }

    package func write(to writer: inout JSONWriter) {
        for field in Self.fields { writer.field(field.name, self[keyPath: field.path]) }
        writer.field("loss_rate", lossRate)
    }
}
