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
        /// How far the last effect about coming and going has come; `nil`: done long ago, or none.
        package var stateEffect: EffectState?
        package var mode: EffectMode
        package var now: Timestamp

        package init(
            stored: AppUserRecord? = nil,
            provider: ProviderUser? = nil,
            effect: EffectState? = nil,
            effectWritten: Timestamp? = nil,
            effectFinished: Timestamp? = nil,
            stateEffect: EffectState? = nil,
            mode: EffectMode = .on,
            now: Timestamp
        ) {
            (self.stored, self.provider, self.effect, self.mode) = (stored, provider, effect, mode)
            (self.effectWritten, self.effectFinished) = (effectWritten, effectFinished)
            (self.stateEffect, self.now) = (stateEffect, now)
        }

        /// The last effect will not come, or was not meant to.
        var isSentVoid: Bool { stored?.sent == nil || isVoid(effect) }

        private func isVoid(_ effect: EffectState?) -> Bool {
            switch effect {
            case .dead, .stale, .cancelled: true
            case .recorded: mode == .on
            default: false
            }
        }

        /// What the provider was told of coming and going, unless it never heard of it.
        var told: AppUserRecord.State? { isVoid(stateEffect) ? nil : stored?.told }

        /// Whether the user is in or out at the provider, or will be once it was told: of both sides the last word.
        var knownState: AppUserRecord.State {
            guard let told, let at = stored?.toldAt else { return provider?.state ?? .active }
            return provider?.deactivationAt.map { $0 > at } ?? false ? provider?.state ?? told : told
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
        let change = StateChange(user.isActive, situation, at: time)
        if let state = change?.state { (record.state, record.stateAt) = (state, time) }
        let call = change?.call(user.id)
        cancelsPending = call != nil && situation.effect == .scheduled

        let known = situation.known
        let merge = ProfileMerge(
            user.fields,
            over: known,
            before: situation.isSentVoid ? nil : stored?.fields,
            offered: stored?.sent,
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
        if let call {
            // Whoever comes back is let in before anything else; whoever leaves is up to date when leaving.
            calls.insert(call, at: record.state == .active ? 0 : calls.endIndex)
            noteState(situation)
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
        if situation.isConfirmed {
            (record.isThere, record.offered) = (true, nil)
        } else if situation.effect != .scheduled {
            record.offered = record.sent ?? record.offered
        }
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

    /// That the provider is told of the record's state, unless effects are off.
    private mutating func noteState(_ situation: Situation) {
        if situation.mode != .off { (record.told, record.toldAt) = (record.state, situation.now) }
    }

    /// The end of a user.
    package init(deleting id: String, messages: Bool, _ situation: Situation) throws(AppUserFault) {
        guard situation.provider?.isErased != true else { throw .erased }
        record = situation.stored ?? AppUserRecord(id: id)
        outcome = .unchanged
        guard situation.told != .deleted, situation.provider?.isDeleted != true else { return }
        if record.state != .deleted { (record.state, record.stateAt) = (.deleted, situation.now) }
        record.changedAt = situation.now
        (record.fields, record.sent, record.sentAt) = (ProfileFields(), nil, nil)
        (record.telling, record.offered, record.kept, record.isThere) = ([], nil, [], false)
        cancelsPending = situation.effect == .scheduled
        calls = [.deleteUsers(UserDeletion(ids: [id], messages: messages ? .soft : nil))]
        outcome = .queued
        noteState(situation)
        if situation.mode != .off { record.version += 1 }
    }

    /// The user can no longer connect until `active` is true again.
    package init(deactivating id: String, messages: Bool, _ situation: Situation) throws(AppUserFault) {
        guard situation.provider?.isErased != true else { throw .erased }
        guard situation.stored?.state != .deleted, situation.provider?.isDeleted != true else { throw .deleted }
        record = situation.stored ?? AppUserRecord(id: id)
        outcome = .unchanged
        guard let change = StateChange(false, situation, at: situation.now) else { return }
        (record.state, record.stateAt) = (change.state, situation.now)
        guard change.isToTell else { return }
        if situation.effect == .scheduled, let sent = record.sent {
            // A profile that waits to go out with later changes must not come after the end.
            cancelsPending = true
            calls = [.updateUsersPartially([sent.change(of: id, in: record.telling)])]
            record.sentAt = situation.now
        }
        calls.append(.deactivateUser(UserDeactivation(id: id, deletesMessages: messages)))
        outcome = .queued
        noteState(situation)
        if situation.mode != .off { record.version += 1 }
    }
}

/// What the app says of coming and going, unless something newer was said.
private struct StateChange {
    let state: AppUserRecord.State
    /// The provider does not have it so.
    let isToTell: Bool

    init?(_ isActive: Bool?, _ situation: SyncDecision.Situation, at time: Timestamp) {
        guard let isActive else { return nil }
        state = isActive ? .active : .deactivated
        isToTell = situation.knownState != state
        if let stored = situation.stored, stored.stateAt > time { return nil }
        // What it was told comes back as an event of a later time, and is no word of its own.
        guard let provider = situation.provider, provider.state != situation.told else { return }
        if let theirs = provider.deactivationAt, min(theirs, situation.now) > time { return nil }
    }

    func call(_ id: String) -> ProviderCall? {
        guard isToTell else { return nil }
        let (back, gone) = (UserReactivation(id: id), UserDeactivation(id: id))
        return state == .active ? .reactivateUser(back) : .deactivateUser(gone)
    }
}

extension ProviderCall {
    /// Whether it tells of a profile; if not, of coming or going.
    var isProfile: Bool { if case .updateUsersPartially = self { true } else { false } }
}
