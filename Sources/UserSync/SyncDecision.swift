package import Chat
package import Limits
package import Outbox
package import Provider

/// What one message of the app changes: in what is stored of the user, and at the provider.
///
/// Pure.
package struct SyncDecision: Sendable, Equatable {
    package enum Outcome: String, Sendable, CaseIterable {
        /// The provider is told.
        case queued
        /// The provider has it already, or knows something newer.
        case unchanged
        /// The app has said something newer before.
        case older
    }

    package var outcome: Outcome
    package var record: AppUserRecord
    /// In this order.
    package var calls: [ProviderCall] = []
    /// The last effect waits and is not needed any more.
    package var cancelsPending = false

    /// What is known when the app speaks.
    package struct Situation: Sendable {
        package var stored: AppUserRecord?
        package var provider: ProviderUser?
        /// How far the last effect has come; `nil`: done long ago, or none.
        package var effect: EffectState?
        /// When that effect was written.
        package var effectWritten: Timestamp?
        /// When it came to its end.
        package var effectFinished: Timestamp?
        package var mode: EffectMode
        package var now: Timestamp

        package init(
            stored: AppUserRecord? = nil,
            provider: ProviderUser? = nil,
            effect: EffectState? = nil,
            effectWritten: Timestamp? = nil,
            effectFinished: Timestamp? = nil,
            mode: EffectMode = .on,
            now: Timestamp
        ) {
            (self.stored, self.provider, self.effect, self.mode) = (stored, provider, effect, mode)
            (self.effectWritten, self.effectFinished, self.now) = (effectWritten, effectFinished, now)
        }

        /// The last effect will not come, or was not meant to.
        var isSentVoid: Bool {
            guard stored?.sent != nil else { return true }
            return switch effect {
            case .dead, .stale, .cancelled: true
            case .recorded: mode == .on
            default: false
            }
        }

        /// The last effect has not reached the provider yet, as far as we know.
        var isPending: Bool { effect == .scheduled || effect?.isOpen == true }

        /// The provider has taken what the last effect told.
        var isConfirmed: Bool { stored?.sent != nil && (effect == nil || effect == .done) }

        /// What the provider has, or will have once it was told.
        var known: ProfileFields? {
            guard let stored, let sent = stored.sent, !isSentVoid, let sentAt = stored.sentAt else {
                return provider?.fields
            }
            guard let fields = provider?.fields, let time = provider?.changedAt, time > sentAt else { return sent }
            if !isPending, time > effectFinished ?? sentAt { return fields }
            // However new that event is: what waits cannot be in it, and what was under way need not.
            return fields.replacing(stored.telling, from: sent)
        }
    }

    /// - Throws: ``AppUserFault`` for a user that is gone for ever, or whose custom data the provider would refuse.
    package init(_ user: AppUser, _ situation: Situation, _ limits: Limits.UserSync) throws(AppUserFault) {
        let (stored, provider) = (situation.stored, situation.provider)
        guard provider?.isErased != true else { throw .erased }
        guard stored?.state != .deleted, provider?.isDeleted != true else { throw .deleted }
        // A clock that is ahead must not hold up what comes later.
        let time = min(user.changedAt ?? situation.now, situation.now)
        record = stored ?? AppUserRecord(id: user.id)
        guard stored == nil || time >= record.changedAt else {
            outcome = .older
            return
        }
        (record.fields, record.changedAt) = (user.fields, time)
        let change = StateChange(user.isActive, record, provider, at: time)
        if let state = change?.state { (record.state, record.stateAt) = (state, time) }
        cancelsPending = change != nil && situation.effect == .scheduled

        let known = situation.known
        let merge = ProfileMerge(
            user.fields,
            over: known,
            before: situation.isSentVoid ? nil : stored?.fields,
            withdrawn: situation.isSentVoid ? record.telling : [],
            isTheirsNewer: provider?.changedAt.map { $0 > time } ?? false
        )
        guard merge.wanted.customBytes <= limits.customBytes else {
            throw .custom(bytes: merge.wanted.customBytes, most: limits.customBytes)
        }
        outcome = .unchanged
        record.kept = merge.kept
        let changed = merge.wanted.differences(from: known ?? ProfileFields())
        if known == nil || !changed.isEmpty || cancelsPending { tell(merge, changed, situation, limits) }
        if let call = change?.call(user.id) {
            // Whoever comes back is let in before anything else; whoever leaves is up to date when leaving.
            calls.insert(call, at: change?.state == .active ? 0 : calls.endIndex)
        }
        guard !calls.isEmpty else { return }
        outcome = .queued
        if situation.mode != .off { record.version += 1 }
    }

    /// Only the fields that the provider does not have yet: the others are its own affair.
    private mutating func tell(
        _ merge: ProfileMerge,
        _ changed: [String],
        _ situation: Situation,
        _ limits: Limits.UserSync
    ) {
        if situation.isConfirmed { record.isThere = true }
        // What earlier effects tell goes along, so that the newest alone is enough.
        var telling = Set(situation.isConfirmed ? [] : record.telling)
        if situation.isSentVoid { telling.subtract(merge.kept) }
        telling.formUnion(changed)
        if telling.count > limits.toldFields { telling.formIntersection(merge.wanted.names) }
        record.telling = telling.sorted()
        calls.append(.updateUsersPartially([merge.wanted.change(of: record.id, in: telling)]))
        // With effects off nothing counts as sent.
        (record.sent, record.sentAt) = situation.mode == .off ? (nil, nil) : (merge.wanted, situation.now)
    }

    /// The end of a user.
    package init(deleting id: String, messages: Bool, _ situation: Situation) throws(AppUserFault) {
        guard situation.provider?.isErased != true else { throw .erased }
        record = situation.stored ?? AppUserRecord(id: id)
        outcome = .unchanged
        guard record.state != .deleted, situation.provider?.isDeleted != true else { return }
        (record.state, record.stateAt, record.changedAt) = (.deleted, situation.now, situation.now)
        (record.fields, record.sent, record.sentAt) = (ProfileFields(), nil, nil)
        (record.telling, record.kept, record.isThere) = ([], [], false)
        cancelsPending = situation.effect == .scheduled
        calls = [.deleteUsers(UserDeletion(ids: [id], messages: messages ? .soft : nil))]
        outcome = .queued
        if situation.mode != .off { record.version += 1 }
    }

    /// The user can no longer connect until `active` is true again.
    package init(deactivating id: String, messages: Bool, _ situation: Situation) throws(AppUserFault) {
        guard situation.provider?.isErased != true else { throw .erased }
        guard situation.stored?.state != .deleted, situation.provider?.isDeleted != true else { throw .deleted }
        record = situation.stored ?? AppUserRecord(id: id)
        outcome = .unchanged
        guard let change = StateChange(false, record, situation.provider, at: situation.now) else { return }
        (record.state, record.stateAt) = (change.state, situation.now)
        calls = [.deactivateUser(UserDeactivation(id: id, deletesMessages: messages))]
        outcome = .queued
        if situation.mode != .off { record.version += 1 }
    }
}

/// Coming or going, if that is a change.
private struct StateChange {
    let state: AppUserRecord.State

    init?(_ isActive: Bool?, _ record: AppUserRecord, _ provider: ProviderUser?, at time: Timestamp) {
        guard let isActive else { return nil }
        // Of both sides the one that spoke last.
        let isProviderNewer = (provider?.deactivationAt).map { $0 > record.stateAt } ?? false
        let isNow = isProviderNewer ? provider?.isDeactivated != true : record.state == .active
        guard isActive != isNow else { return nil }
        state = isActive ? .active : .deactivated
    }

    func call(_ id: String) -> ProviderCall {
        state == .active ? .reactivateUser(UserReactivation(id: id)) : .deactivateUser(UserDeactivation(id: id))
    }
}

extension ProviderCall {
    /// Whether it tells of a profile.
    var isProfile: Bool { if case .updateUsersPartially = self { true } else { false } }
}
