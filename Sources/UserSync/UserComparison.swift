package import Chat
package import Provider

/// How the app's side of one user differs from what the provider's API answers.
///
/// Pure.
package struct UserComparison: Sendable, Equatable {
    package enum Difference: Sendable, Equatable, CustomStringConvertible {
        case missing
        /// The app's value is not there.
        case fields([String])
        /// The provider's value is newer, so it stays.
        case newerAtProvider([String])
        case notDeactivated
        case deactivated
        case notDeleted

        package var description: String {
            switch self {
            case .missing: "missing at the provider"
            case .fields(let names): "differs: \(names.joined(separator: ", "))"
            case .newerAtProvider(let names): "newer at the provider: \(names.joined(separator: ", "))"
            case .notDeactivated: "active at the provider, deactivated by the app"
            case .deactivated: "deactivated at the provider, active in the app"
            case .notDeleted: "still at the provider, deleted by the app"
            }
        }
    }

    package let id: String
    package private(set) var differences: [Difference] = []
    /// What makes both sides agree, in order.
    package private(set) var repairs: [ProviderCall] = []

    /// - Parameters:
    ///   - user: `nil` for one that the provider does not have.
    ///   - events: what the provider's events have said.
    package init(_ app: AppUserRecord, _ user: User?, events: ProviderUser? = nil) {
        id = app.id
        switch (app.state, user) {
        case (.deleted, .some):
            differences = [.notDeleted]
            repairs = [.deleteUsers(UserDeletion(ids: [id]))]
        case (.deleted, nil): break
        case (_, nil):
            differences = [.missing]
            repairs = [.upsertUsers([app.fields.profile(of: id)])]
            if app.state == .deactivated { repairs.append(.deactivateUser(UserDeactivation(id: id))) }
        case (_, let user?): compare(app, user, events)
        }
    }

    private mutating func compare(_ app: AppUserRecord, _ user: User, _ events: ProviderUser?) {
        let state = StateComparison(app, user, events)
        if state == .deactivated {
            differences.append(.deactivated)
            repairs.append(.reactivateUser(UserReactivation(id: id)))
        }
        let theirs = ProfileFields(Chat.UserProfile(user))
        let told = app.sent ?? app.fields
        let isTheirsNewer = user.updatedAt.map { $0 > max(app.changedAt, app.sentAt ?? app.changedAt) } ?? false
        // What the app does not say is the provider's own affair.
        let different = app.fields.names.filter { !app.fields.agrees(with: theirs, in: $0) }
        let newer = different.filter { name in
            app.kept.contains(name) || isTheirsNewer && theirs[name] != nil && !told.agrees(with: theirs, in: name)
        }
        let wrong = different.filter { !newer.contains($0) }
        let standing = newer + (state == .newerAtProvider ? ["active"] : [])
        if !standing.isEmpty { differences.append(.newerAtProvider(standing)) }
        if !wrong.isEmpty {
            differences.append(.fields(wrong))
            repairs.append(.updateUsersPartially([app.fields.change(of: id, in: wrong)]))
        }
        if state == .notDeactivated {
            differences.append(.notDeactivated)
            repairs.append(.deactivateUser(UserDeactivation(id: id)))
        }
    }
}

/// Who is in or out at the provider against the app's word, and whether that is the later one.
private enum StateComparison {
    case same, deactivated, notDeactivated, newerAtProvider

    init(_ app: AppUserRecord, _ user: User, _ events: ProviderUser?) {
        // Without a word of the app it is the provider's own affair.
        guard app.stateAt.nanoseconds > 0, (app.state == .active) == (user.deactivatedAt != nil) else {
            self = .same
            return
        }
        let ended = events?.isDeactivated == false ? events?.deactivationAt : nil
        let isNewer = (user.deactivatedAt ?? ended).map { $0 >= app.stateAt } ?? false
        self = isNewer ? .newerAtProvider : app.state == .active ? .deactivated : .notDeactivated
    }
}
