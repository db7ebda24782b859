import Analytics
import Chat
import Limits
package import MongoDB

extension HistoryQueries {
    /// Which share of the members of channels wrote in them.
    package func participation(_ question: DatedQuestion) throws(MongoError) -> Figures {
        guard let channels = try rememberedShares(question) else { return try askedParticipation(question) }
        var shares = MemberShares(question)
        for channel in channels {
            let (isWanted, group) = question.group(of: channel)
            if isWanted { shares.add(group, wrote: channel.wrote, of: channel.members) }
        }
        return shares.figures
    }

    /// By what conversations tell of who wrote in them, and their messages.
    private func askedParticipation(_ question: DatedQuestion) throws(MongoError) -> Figures {
        var shares = MemberShares(question)
        let channels = try channelsWritten(question)
        for start in stride(from: 0, to: channels.count, by: Self.channelsAtOnce) {
            let some = channels[start..<min(start + Self.channelsAtOnce, channels.count)]
            let (members, writers) = try (members(of: some.map(\.cid)), writers(some, question.range))
            for channel in some {
                let wrote = writers[channel.cid] ?? []
                // Between somebody's first and last message there may be none in the range.
                guard !wrote.isEmpty, let members = members[channel.cid] else { continue }
                shares.add(channel.group, wrote: members.count { wrote.contains($0) }, of: members.count)
            }
        }
        return shares.figures
    }

    private struct WrittenChannel {
        let cid: String
        let group: String?
        let participants: Participants
    }

    static let channelsAtOnce = 1_000

    /// Channels in which somebody may have written in the range.
    private func channelsWritten(_ question: DatedQuestion) throws(MongoError) -> [WrittenChannel] {
        let (start, end) = (question.range.quarters.lowerBound.start, question.range.quarters.upperBound.start)
        let name = ConversationRecord.field
        var filter = BSONDocument()
        if let (place, id) = question.place, place == .channel { filter.append("_id", id) }
        filter.append("\(name).started") { $0.append("$lt", date: end.milliseconds) }
        filter.append("\(name).last") { $0.append("$gte", date: start.milliseconds) }
        var found: [WrittenChannel] = []
        try forEach(.channels, filter, .only("_id", name)) { (channel) throws(MongoError) in
            guard let cid = channel.string("_id"), let conversation = channel.document(name) else { return }
            var document = BSONDocument(capacity: 384)
            document.append("cid", cid)
            document.append("listing_id", ifPresent: conversation.string("listing_id"))
            let (isWanted, group) = question.group(document, user: "by")
            guard isWanted else { return }
            guard found.count < limits.memberChannelsMost else { throw Self.tooManyChannels }
            let range = start.milliseconds..<end.milliseconds
            let participants = ConversationWriters(conversation).participants(in: range)
            found.append(WrittenChannel(cid: cid, group: group, participants: participants))
        }
        return found
    }

    /// Of channels that have any.
    func members(of cids: [String]) throws(MongoError) -> [String: [String]] {
        var (filter, members) = (BSONDocument(), [String: [String]]())
        filter.append("cid", in: cids)
        filter.append("member", true)
        try forEach(.members, filter, .only("cid", "user_id")) { document in
            guard let cid = document.string("cid"), let user = document.string("user_id") else { return }
            members[cid, default: []].append(user)
        }
        return members
    }

    /// Who wrote in each channel; of what conversations do not tell, from the messages.
    private func writers(
        _ channels: ArraySlice<WrittenChannel>,
        _ range: FigureRange
    ) throws(MongoError) -> [String: Set<String>] {
        var (writers, unknown) = ([String: Set<String>](), [String]())
        for channel in channels {
            switch channel.participants {
            case .known(let users): writers[channel.cid] = users
            case .unknown: unknown.append(channel.cid)
            }
        }
        guard !unknown.isEmpty else { return writers }
        for row in try aggregate(.messages, Self.writing(unknown, range), milliseconds: limits.milliseconds) {
            guard let key = row.document("_id"), let cid = key.string("c"), let user = key.string("u") else { continue }
            writers[cid, default: []].insert(user)
        }
        return writers
    }

    private static func writing(_ cids: [String], _ range: FigureRange) -> [BSONDocument] {
        var match = range.filter("createdAt")
        match.append("cid", in: cids)
        match.append("sender_id") { $0.append("$exists", true) }
        match.append("type") { $0.append("$ne", Rollups.systemType) }
        let key = Expression.document(["c": .string("$cid"), "u": .string("$sender_id")])
        return [Expression.stage("$match", .document(match)), Expression.stage("$group", ["_id": key])]
    }

    private static var tooManyChannels: MongoError {
        .refusal(
            "look at the members of channels: there are too many. Narrow the range, or ask of one channel or listing."
        )
    }
}

/// Members and those of them who wrote, by group.
private struct MemberShares {
    private let question: DatedQuestion
    private var groups: [String: (wrote: Int, members: Int)] = [:]

    init(_ question: DatedQuestion) { self.question = question }

    mutating func add(_ group: String?, wrote: Int, of members: Int) {
        let known = groups[group ?? ""] ?? (0, 0)
        groups[group ?? ""] = (known.wrote + wrote, known.members + members)
    }

    /// The greatest share first, of more members before that of fewer.
    var figures: Figures {
        let range = question.range.quarters
        guard question.grouping != nil else {
            let share = groups[""].map { Double($0.wrote) / Double($0.members) }
            return Figures([FigureRow(range, .ratio(share))], total: nil)
        }
        let rows = groups.map {
            (id: $0.key, share: Double($0.value.wrote) / Double($0.value.members), members: $0.value.members)
        }
        let first = rows.firstSorted(question.wanted.upperBound) { one, other in
            // Many are alike up to their names.
            if one.share != other.share { return one.share > other.share }
            return one.members != other.members ? one.members > other.members : one.id < other.id
        }.dropFirst(question.wanted.lowerBound)
        return Figures(
            first.map { FigureRow(range, group: $0.id, .ratio($0.share)) },
            from: min(question.wanted.lowerBound, rows.count),
            of: rows.count
        )
    }
}

extension DatedQuestion {
    /// As ``group(_:user:)``.
    fileprivate func group(of channel: ChannelShare) -> (isWanted: Bool, group: String?) {
        group { name in
            switch name {
            case "channel": channel.cid
            case "channelType": Channel.parts(ofCID: channel.cid).type
            case "listing": channel.listing
            default: nil
            }
        }
    }
}
