import Chat
import Outbox
import Provider

/// A profile whose turn to be told has come, beside what is known of its user by now.
///
/// Pure.
struct ProfileTask: Sendable {
    let effect: PendingEffect
    let change: UserChange
    /// A newer profile is told, or was, by an effect of its own, which tells this one's fields, too.
    let isSuperseded: Bool
    /// Nothing says that the provider has this user.
    let isToBeFound: Bool
    /// What the provider shall have, as far as we know it.
    let wanted: ProfileFields
    /// What an earlier effect may have told.
    let offered: ProfileFields?
    /// The app's, of the time `changedAt`.
    let fields: ProfileFields
    let changedAt: Timestamp

    var id: String { change.id }

    static func isProfile(_ effect: PendingEffect) -> Bool {
        effect.action == "updateUsersPartially" && ProfileVersion(effect.key) != nil
    }

    /// `nil` for an effect that tells of no profile.
    init?(_ effect: PendingEffect, _ sides: AppUserStore.Sides?) {
        guard let version = ProfileVersion(effect.key), let call = try? ProviderCall(json: effect.payload),
            case .updateUsersPartially(let changes) = call, changes.count == 1
        else { return nil }
        (self.effect, change) = (effect, changes[0])
        let newest = sides?.app?.effect
        let follower = newest.flatMap { ProfileVersion(Effect.EffectKey(stored: $0)) }
        let isFollowing = sides?.effect.map { $0.isOpen || $0 == .scheduled || $0 == .done } ?? false
        isSuperseded = isFollowing && (follower?.number ?? 0) > version.number
        let isThere = sides?.provider?.fields != nil || sides?.app?.isThere == true
        isToBeFound = !isThere || change.set.isEmpty && change.unset.isEmpty
        let told = ProfileFields(stored: change.set.text)
        let app = newest == effect.key.description ? sides?.app : nil
        (wanted, fields) = (app?.sent ?? told, app?.fields ?? told)
        (offered, changedAt) = (app?.offered, app?.changedAt ?? effect.eventTime)
    }
}

/// How a user is told who may be at the provider, or not.
///
/// Pure.
struct Introduction: Sendable {
    /// What the look-up taught of a user whom the app's record did not know to be there.
    struct Note: Sendable {
        let id: String
        /// The effect that the record must still be of.
        let effect: String
        let sent: ProfileFields
        let kept: [String]
    }

    /// `nil`: nothing is left to be told.
    let call: ProviderCall?
    let isNew: Bool
    let note: Note?

    /// - Parameter user: `nil` for one whom the provider does not have.
    init(_ task: ProfileTask, _ user: User?) {
        isNew = user == nil
        guard let user else {
            call = .upsertUsers([task.wanted.profile(of: task.id)])
            note = nil
            return
        }
        let theirs = ProfileFields(Chat.UserProfile(user))
        let merge = ProfileMerge(
            task.fields,
            over: theirs,
            before: nil,
            offered: task.offered,
            withdrawn: task.change.unset,
            isTheirsNewer: user.updatedAt.map { $0 > task.changedAt } ?? false
        )
        let changed = merge.wanted.differences(from: theirs)
        call = changed.isEmpty ? nil : .updateUsersPartially([merge.wanted.change(of: task.id, in: changed)])
        let key = task.effect.key.description
        note = task.isToBeFound ? Note(id: task.id, effect: key, sent: merge.wanted, kept: merge.kept) : nil
    }
}
