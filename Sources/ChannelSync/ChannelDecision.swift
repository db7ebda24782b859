package import Chat
package import Outbox
package import Provider

/// What is asked of the channel of a business object.
package enum ChannelRequest: Sendable, Equatable {
    /// - Parameter again: everything is sent, whatever was sent before.
    case put(DesiredChannel, again: Bool)
    case archive(Bool)
    case delete(isHard: Bool)
}

/// What follows from a request: the channel as it is kept from now on, and the calls to be made.
package struct ChannelDecision: Sendable, Equatable {
    package internal(set) var channel: SyncedChannel
    package let calls: [ProviderCall]

    /// - Parameters:
    ///   - creation: of the known channel. What was sent to a channel that could not be made is sent again, to one made anew.
    ///   - mode: only calls that are performed count as sent; what was not is made good with the next request.
    /// - Returns: `nil` if nothing changes.
    package static func decide(
        _ request: ChannelRequest,
        on known: SyncedChannel?,
        creation: ChannelCreation = .sound,
        mode: EffectMode,
        membersPerCall: Int,
        at now: Timestamp
    ) -> ChannelDecision? {
        guard var channel = known ?? new(request, at: now) else { return nil }
        var isAgain = false
        switch request {
        case .put(let desired, let again):
            isAgain = again
            channel.put(desired)
        case .archive(let isArchived): channel.desired?.setArchived(isArchived)
        case .delete(let isHard):
            channel.desired = nil
            channel.creation = nil
            channel.isHardDeleted = channel.isHardDeleted || isHard
        }
        let isSettled = mode == .on ? channel.isSent && creation != .failed : true
        if let known, channel.isSame(as: known), isSettled, !isAgain { return nil }
        let isAnew = isAgain || creation != .sound
        let calls = channel.calls(isAnew: isAnew, membersPerCall: membersPerCall)
        if mode == .on { channel.sent = channel.desired }
        channel.version += 1
        channel.updatedAt = now
        return ChannelDecision(channel: channel, calls: calls)
    }

    private static func new(_ request: ChannelRequest, at now: Timestamp) -> SyncedChannel? {
        guard case .put(let desired, _) = request else { return nil }
        return SyncedChannel(
            cid: desired.cid,
            kind: desired.kind,
            objectID: desired.objectID,
            creator: desired.creator,
            createdAt: now,
            updatedAt: now
        )
    }
}

extension SyncedChannel {
    /// An archived channel stays so: its data change, and nobody writes there.
    fileprivate mutating func put(_ channel: DesiredChannel) {
        var content = channel.content
        if desired?.isArchived == true { content.setArchived(true) }
        (creator, desired, isHardDeleted) = (channel.creator, content, false)
    }

    /// Who would create a channel that is there already is of no importance.
    fileprivate func isSame(as other: SyncedChannel) -> Bool {
        desired == other.desired && isHardDeleted == other.isHardDeleted
    }

    fileprivate func calls(isAnew: Bool, membersPerCall: Int) -> [ProviderCall] {
        guard let desired else { return [.deleteChannel(ChannelDeletion(cid: cid, isHard: isHardDeleted))] }
        if let sent, !isAnew {
            return ChannelDifference.changing(cid, from: sent, to: desired, membersPerCall: membersPerCall)
        }
        let channel = DesiredChannel(kind: kind, objectID: objectID, cid: cid, creator: creator, content: desired)
        return ChannelDifference.creating(channel, held: sent, membersPerCall: membersPerCall)
    }
}
