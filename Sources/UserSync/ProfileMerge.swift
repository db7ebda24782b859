/// The app's profile of a user put on top of the provider's.
///
/// Pure.
struct ProfileMerge: Equatable {
    /// What the provider shall have.
    private(set) var wanted: ProfileFields
    /// Fields of the app in which the provider's own, newer word stands.
    private(set) var kept: [String] = []

    /// What the app did not change stays; of two changes of one field the newer wins.
    ///
    /// - Parameters:
    ///   - known: the provider's; `nil` where it has none.
    ///   - before: what the app said last; `nil` where that did not come to the provider: then all of `fields` is new.
    ///   - offered: what we may have told before, so that finding it there is no word of the provider's own.
    ///   - withdrawn: fields that the app may have taken back meanwhile.
    ///   - isTheirsNewer: whether the provider's profile is of a later time than `fields`.
    init(
        _ fields: ProfileFields,
        over known: ProfileFields?,
        before: ProfileFields?,
        offered: ProfileFields? = nil,
        withdrawn: [String] = [],
        isTheirsNewer: Bool
    ) {
        let (theirs, base) = (known ?? ProfileFields(), before ?? offered ?? ProfileFields())
        wanted = theirs
        for name in Set(fields.names).union(before?.names ?? []).union(withdrawn) {
            guard before == nil || fields[name] != base[name] else { continue }
            let isTheirs = theirs[name] != nil && theirs[name] != base[name]
            if isTheirs && isTheirsNewer { continue }
            wanted[name] = fields[name]
        }
        kept = fields.names.filter { !wanted.agrees(with: fields, in: $0) }
    }
}
