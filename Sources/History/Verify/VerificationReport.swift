/// What a verification has looked at and found.
package struct VerificationReport: Sendable, Equatable {
    package struct Checked: Sendable, Equatable {
        package let name: String
        package let count: Int
    }

    /// What was compared, in order, with how much of it there is.
    package internal(set) var checked: [Checked] = []
    package internal(set) var differences = 0
    /// Messages of these channels and users are still being brought in line: what differs there is not yet wrong.
    package internal(set) var waitingSweeps: [String] = []
    /// Everything was read as of one moment.
    package let isSnapshot: Bool

    init(isSnapshot: Bool) { self.isSnapshot = isSnapshot }

    mutating func note(_ name: String, _ count: Int) { checked.append(Checked(name: name, count: count)) }
}
