import Chat

/// Something that conditions ask beyond the event itself.
package enum InputKey: Sendable, Hashable {
    case value(ValuePath)
    /// A number: how many, the judged event included.
    case rate(Rate.Counted, within: Duration, per: Subject)
    /// Seconds since the subject's message before; missing where there was none.
    case silence(Subject)
    /// Whether the subject had written nothing before.
    case first(Subject)
    /// A number from 0 to 1.
    case spam
    /// The version of the model that says so.
    case spamModel

    /// The last messages, or joins, of some subject.
    package struct CountedWindow: Sendable, Hashable {
        package let per: Subject
        package let isOfJoins: Bool

        package init(per: Subject, isOfJoins: Bool) { (self.per, self.isOfJoins) = (per, isOfJoins) }
    }

    /// Which window it looks into.
    package var window: CountedWindow? {
        switch self {
        case .rate(let counted, _, let per): CountedWindow(per: per, isOfJoins: counted == .joins)
        case .silence(let per), .first(let per): CountedWindow(per: per, isOfJoins: false)
        case .value, .spam, .spamModel: nil
        }
    }

    /// As decisions record it.
    package var name: String {
        switch self {
        case .value(let path): path.description
        case .rate(let counted, let within, let per):
            "\(counted.rawValue) per \(per.rawValue) within \(within.components.seconds) s"
        case .silence(let subject): "silence per \(subject.rawValue)"
        case .first(let subject): "first per \(subject.rawValue)"
        case .spam: "spam"
        case .spamModel: "spam.model"
        }
    }
}
