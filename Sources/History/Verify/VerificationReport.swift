/// What a verification has looked at and found.
package struct VerificationReport: Sendable, Equatable {
    package struct Checked: Sendable, Equatable {
        package let name: String
        package let count: Int
    }

    /// What was compared, in order, with how much of it there is.
    package internal(set) var checked: [Checked] = []
    package internal(set) var differences = 0
    /// Fields that differ and that a waiting sweep is going to mend; not among the differences.
    package internal(set) var pending = 0
    /// Channels and users whose messages are still being brought in line.
    package internal(set) var waitingSweeps: [String] = []
    /// Each part was read as of one moment.
    package let isSnapshot: Bool

    init(isSnapshot: Bool) { self.isSnapshot = isSnapshot }

    mutating func note(_ name: String, _ count: Int) { checked.append(Checked(name: name, count: count)) }
}
