package import Limits

/// Several calls put together into one, as far as the provider takes it.
package struct CallBatch: Sendable, Equatable {
    package private(set) var call: ProviderCall
    /// Which of the calls it stands for, by their place.
    package private(set) var parts: [Int]

    /// As few calls as do the same in the same order.
    ///
    /// Upserts of users go together, and of several for one user the last wins, since each replaces the whole user. So do
    /// partial updates, each user once. Every other call stays alone.
    package static func batches(of calls: [ProviderCall], limits: Limits.Provider = Limits.Provider()) -> [CallBatch] {
        var batches: [CallBatch] = []
        for (place, call) in calls.enumerated() {
            if let last = batches.last, let joined = last.call.joined(with: call, most: limits.usersPerCall) {
                batches[batches.count - 1] = CallBatch(call: joined, parts: last.parts + [place])
            } else {
                batches.append(CallBatch(call: call, parts: [place]))
            }
        }
        return batches
    }
}

extension ProviderCall {
    /// Whether calls of this kind can be put together.
    package static func isBatchable(_ name: String) -> Bool { batchable.contains(name) }

    private static let batchable: Set = ["upsertUsers", "updateUsersPartially"]

    fileprivate func joined(with next: ProviderCall, most: Int) -> ProviderCall? {
        switch (self, next) {
        case (.upsertUsers(let earlier), .upsertUsers(let later)):
            let renewed = Set(later.map(\.id))
            let users = earlier.filter { !renewed.contains($0.id) } + later
            return users.count <= most ? .upsertUsers(users) : nil
        case (.updateUsersPartially(let earlier), .updateUsersPartially(let later)):
            let changes = earlier + later
            let isEachOnce = Set(changes.map(\.id)).count == changes.count
            return isEachOnce && changes.count <= most ? .updateUsersPartially(changes) : nil
        default: return nil
        }
    }
}
