package import Chat
package import Limits

/// What figures are made of, by how it grows: each level can be kept for a time of its own.
///
/// Who wrote when is kept for good, since who is new follows from it, and so are connections.
package enum FigureLevel: String, Sendable, CaseIterable {
    /// Counts of everything, of types of channels, of teams and of reactions, by day.
    case totals
    /// Counts of channels, listings, events, artists and venues, by month.
    case objects
    /// Who answered whom and when, a row each.
    case answers

    /// The first of what is kept, when so many whole days are: of ``objects`` the month that it lies in.
    ///
    /// - Parameter days: 0 keeps everything.
    package func start(keeping days: Int, at now: Timestamp) -> Quarter? {
        guard days > 0 else { return nil }
        let first = Quarter(day: Quarter(now).day - Int64(days))
        return self == .objects ? RollupPeriod(of: first, byDay: false).start : first
    }
}

extension Limits.Worker {
    /// From when on figures are kept, by level; those that are kept for good are not there.
    package func figuresKept(at now: Timestamp) -> [FigureLevel: Quarter] {
        let days: [FigureLevel: Int] = [
            .totals: totalsRetentionDays, .objects: objectsRetentionDays, .answers: answersRetentionDays,
        ]
        return days.reduce(into: [:]) { $0[$1.key] = $1.key.start(keeping: $1.value, at: now) }
    }
}

extension RollupScope {
    /// `nil`: kept for good.
    package var level: FigureLevel? {
        switch self {
        case .all, .channelType, .team, .reactions: .totals
        case .channel, .listing, .event, .artist, .venue: .objects
        case .people: nil
        }
    }
}
