/// The answer to "what is this field of that thing?".
package enum Fact: Sendable, Hashable {
    case value(FactValue)
    /// Every source was asked and none knows: a value of its own, on which nothing may be guessed.
    case missing
    /// A source that might know could not be asked: to be asked again, not to be decided on.
    case unavailable(reason: String)

    package var value: FactValue? {
        guard case .value(let value) = self else { return nil }
        return value
    }
}

/// Where facts come from.
package enum FactOrigin: String, Sendable, CaseIterable {
    /// The app sent it: `PUT /api/v1/facts/…`.
    case pushed
    /// The app's database.
    case app
    /// What the chat itself tells of users and channels.
    case chat
}

/// All that one source says of one thing.
package struct FactRecord: Sendable, Hashable {
    package var fields: [String: FactValue]

    package init(_ fields: [String: FactValue] = [:]) { self.fields = fields }

    /// About what it takes in memory, in bytes.
    var byteCount: Int { fields.reduce(64) { $0 + 48 + $1.key.utf8.count + $1.value.byteCount } }
}
