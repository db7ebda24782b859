import Analytics
import MongoDB

/// What is written into documents besides what events say of them: counters, and fields of other records.
struct Additions {
    let counters: TallyFields
    /// By the documents' `_id`.
    var tallies: [String: TallyChange] = [:]
    var fields: [String: (before: BSONDocument, after: BSONDocument)] = [:]

    /// - Parameter capacity: how many documents there may be.
    init(_ scope: TallyKey.Scope, capacity: Int = 0) {
        counters = TallyFields(scope)
        tallies.reserveCapacity(capacity)
    }
}
