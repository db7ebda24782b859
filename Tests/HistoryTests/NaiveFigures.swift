import Analytics
import Chat
import Foundation
import MongoDB

@testable import History

/// The same figures by going through everything that is stored, with a calendar: no rollup, no quarter-hour.
struct NaiveFigures {
    let messages: [MessageState]
    let reactions: [ReactionRecord]
    /// Users who are members, by channel.
    private(set) var members: [String: Set<String>] = [:]
    /// When the provider says that users were made.
    private(set) var made: [String: Timestamp] = [:]
    private var teams: [String: String] = [:]
    private var calendar: Calendar

    init(_ history: StoredHistory, zone: String) throws {
        var (messages, reactions): ([MessageState], [ReactionRecord]) = ([], [])
        try history.forEach(.messages) { if let state = MessageState($0) { messages.append(state) } }
        try history.forEach(.reactions) { if let reaction = ReactionRecord($0) { reactions.append(reaction) } }
        self.messages = messages.filter { $0.record.created != nil }
        self.reactions = reactions
        calendar = Self.calendar(zone)
        var (members, made, teams) = ([String: Set<String>](), [String: Timestamp](), [String: String]())
        try history.forEach(.members) { member in
            guard member.bool("member") == true, let cid = member.string("cid"), let user = member.string("user_id")
            else { return }
            members[cid, default: []].insert(user)
        }
        try history.forEach(.users) { user in
            if let id = user.string("_id"), let time = user.time("createdAt") { made[id] = time }
        }
        try history.forEach(.channels) { channel in
            let named = channel.document("v")?.string("team")
            guard let id = channel.string("_id") else { return }
            teams[id] = [channel.string("team"), named].compactMap(\.self).first { !$0.isEmpty }
        }
        (self.members, self.made, self.teams) = (members, made, teams)
    }

    func of(_ zone: String) -> NaiveFigures {
        var other = self
        other.calendar = Self.calendar(zone)
        return other
    }

    private static func calendar(_ zone: String) -> Calendar {
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = TimeZone(identifier: zone) ?? .gmt
        return calendar
    }

    // MARK: Time

    func date(_ time: Timestamp) -> Date { Date(timeIntervalSince1970: Double(time.milliseconds) / 1_000) }

    /// Names the period by its first day, or the day and hour.
    func period(_ interval: FigureInterval, _ time: Timestamp) -> String {
        let date = date(time)
        switch interval {
        case .day, .quarterHour, .hour, .none: return day(date)
        case .week: return day(calendar.dateInterval(of: .weekOfYear, for: date)?.start ?? date)
        case .month: return day(calendar.dateInterval(of: .month, for: date)?.start ?? date)
        }
    }

    func weekdayHour(_ time: Timestamp) -> String {
        let parts = calendar.dateComponents([.weekday, .hour], from: date(time))
        // Sunday is 1 in Foundation.
        return String(format: "%d-%02d", ((parts.weekday ?? 1) + 5) % 7 + 1, parts.hour ?? 0)
    }

    private func day(_ date: Date) -> String {
        let parts = calendar.dateComponents([.year, .month, .day], from: date)
        return String(format: "%04d-%02d-%02d", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
    }

    // MARK: What counts

    struct Counted {
        let time: Timestamp
        let amount: Int64
        let groups: [FigureGrouping: String]
    }

    func counted(_ figure: Figure) -> [Counted] {
        if figure == .reactions {
            return reactions.compactMap { reaction in
                reaction.firstAt.map { Counted(time: $0, amount: 1, groups: [.type: reaction.key.type]) }
            }
        }
        return messages.compactMap { state in
            guard let (time, amount) = amount(figure, state) else { return nil }
            return Counted(time: time, amount: amount, groups: groups(state))
        }
    }

    private func amount(_ figure: Figure, _ state: MessageState) -> (Timestamp, Int64)? {
        guard let sent = state.record.created?.time else { return nil }
        let facts = state.record.facts?.value
        switch figure {
        case .messages: return (sent, 1)
        case .edits: return facts?.editedAt.map { ($0, 1) }
        case .deletions: return state.deletedAt.map { ($0, 1) }
        case .attachments: return (sent, Int64(facts?.attachmentCount ?? 0))
        case .threadReplies: return state.record.parentID == nil ? nil : (sent, 1)
        case .offers: return facts?.offerID != nil || facts?.businessType == "offer" ? (sent, 1) : nil
        default: return nil
        }
    }

    private func groups(_ state: MessageState) -> [FigureGrouping: String] {
        var groups: [FigureGrouping: String] = [:]
        let type = state.record.facts?.value.businessType ?? state.record.facts?.value.type ?? "unknown"
        groups[.type] = type.utf8.count > 256 ? "unknown" : type
        groups[.channel] = state.record.cid
        groups[.channelType] = state.record.cid.map { String($0.prefix { $0 != ":" }) }
        groups[.listing] = state.context[.listing]
        groups[.event] = state.context[.event]
        groups[.artist] = state.context[.artist]
        groups[.venue] = state.context[.venue]
        groups[.team] = state.record.cid.flatMap { teams[$0] }
        groups[.user] = state.record.sender
        return groups
    }
}
