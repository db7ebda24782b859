import Chat

/// Whether what was read says anything that the history does not know: what merging it would change.
///
/// Which of two equal statements is the one that counts is no news: bodies that were read differ in what nobody keeps.
protocol RecordNews {
    mutating func take(_ other: Self)
    static func hasNews(_ before: Self, _ after: Self) -> Bool
}

extension RecordNews {
    func learns(from other: Self) -> Bool {
        var merged = self
        merged.take(other)
        return Self.hasNews(self, merged)
    }
}

extension MessageRecord: RecordNews {
    mutating func take(_ other: MessageRecord) { _ = merge(other) }

    static func hasNews(_ before: Self, _ after: Self) -> Bool {
        // An erasure is final, whatever the provider still shows.
        guard !before.isErased else { return false }
        let isOther = differ(before.content, after.content) {
            $0.updatedAt.cut()
            $0.textUpdatedAt.cut()
            $0.pin?.at.cut()
            $0.pin?.expires.cut()
        }
        return isOther || differ(before.facts, after.facts)
            || differ(before.deletion, after.deletion) || before.created != after.created || before.cid != after.cid
            || before.sender != after.sender || before.parentID != after.parentID
    }
}

extension MemberRecord: RecordNews {
    mutating func take(_ other: MemberRecord) { merge(other) }
    static func hasNews(_ before: Self, _ after: Self) -> Bool {
        differ(before.membership, after.membership) { $0.joinedAt.cut() }
            || differ(before.ban, after.ban) { $0.expires.cut() }
    }
}

extension UserRecord: RecordNews {
    mutating func take(_ other: UserRecord) { merge(other) }
    static func hasNews(_ before: Self, _ after: Self) -> Bool {
        differ(before.profile, after.profile) { $0.createdAt.cut() }
            || differ(before.ban, after.ban) { $0.expires.cut() }
    }
}

extension ChannelRecord: RecordNews {
    mutating func take(_ other: ChannelRecord) { merge(other) }

    static func hasNews(_ before: Self, _ after: Self) -> Bool {
        differ(before.profile, after.profile) { $0.createdAt.cut() } || differ(before.context, after.context)
            || differ(before.frozen, after.frozen) || before.removal != after.removal
    }
}

/// - Parameter cut: leaves of a value what is kept of it.
private func differ<Value>(
    _ before: Register<Value>?,
    _ after: Register<Value>?,
    cut: (inout Value) -> Void = { _ in }
) -> Bool {
    guard var before, var after else { return before != after }
    cut(&before.value)
    cut(&after.value)
    return before.value != after.value || before.stamp.time != after.stamp.time
        || before.stamp.version != after.stamp.version
}

extension Optional where Wrapped == Timestamp {
    /// To the whole milliseconds in which a time that decides nothing is stored.
    fileprivate mutating func cut() { self = map { Timestamp(milliseconds: $0.milliseconds) } }
}
