extension Claims {
    /// Every user object of the event says something about that user's profile.
    mutating func addProfiles(of event: ChatEvent) {
        addProfile(event.user, of: event)
        addProfile(event.message?.sender, of: event)
        addProfile(event.reaction?.user, of: event)
        addProfile(event.member?.user, of: event)
        addProfile(event.createdBy, of: event)
        for user in event.targetUsers { addProfile(user, of: event) }
    }

    private mutating func addProfile(_ user: User?, of event: ChatEvent) {
        guard let user, !user.isReference else { return }
        let profile = Register(UserProfile(user), at: event.stamp(user.updatedAt))
        changeUser(user.id) { $0.profile.merge(profile) }
    }

    mutating func addChannel(of event: ChatEvent) {
        if let team = event.team { changeChannel(of: event) { $0.namedTeam = team } }
        guard let channel = event.channel else { return }
        let stamp = event.stamp(channel.updatedAt)
        // The channel beside a message is often a thin one: what it lacks says nothing.
        let isWhole = channel.isComplete && event.message == nil
        changeChannel(of: event) { record in
            if isWhole || !channel.context.isEmpty { record.context.merge(Register(channel.context, at: stamp)) }
            guard isWhole || channel.isComplete && channel.updatedAt != nil else { return }
            record.profile.merge(Register(ChannelProfile(channel), at: stamp))
            if let frozen = channel.frozen { record.frozen.merge(Register(frozen, at: stamp)) }
        }
    }

    mutating func addHidden(_ isHidden: Bool, of event: ChatEvent) {
        guard let cid = event.cid, let user = event.user?.id else { return }
        let hidden = MemberRecord.Hidden(
            isHidden: isHidden,
            clearedAt: isHidden && event.clearsHistory ? event.time : nil
        )
        changeMember(cid: cid, userID: user) { $0.hidden.merge(Register(hidden, at: event.stamp)) }
    }

    mutating func addMember(_ isMember: Bool, of event: ChatEvent) {
        // `member.removed` often comes without its member: the user is the one who left.
        guard let cid = event.cid, let user = event.member?.userID ?? event.user?.id else { return }
        var membership = MemberRecord.Membership(isMember: isMember)
        if let member = event.member {
            (membership.role, membership.channelRole) = (member.role, member.channelRole)
            (membership.status, membership.joinedAt) = (member.status, member.createdAt)
        }
        let at = isMember ? event.member?.updatedAt : nil
        changeMember(cid: cid, userID: user) { $0.membership.merge(Register(membership, at: event.stamp(at))) }
    }

    mutating func addBan(_ isBanned: Bool, of event: ChatEvent) {
        guard let ban = event.ban else { return }
        var state = BanState(isBanned: isBanned)
        (state.isShadow, state.reason, state.expires, state.by) = (ban.shadow, ban.reason, ban.expires, ban.by)
        let register = Register(state, at: event.stamp)
        guard let cid = event.cid else { return changeUser(ban.userID) { $0.ban.merge(register) } }
        changeMember(cid: cid, userID: ban.userID) { $0.ban.merge(register) }
    }

    mutating func addUserFlag(of event: ChatEvent) {
        guard let flag = event.flag, let target = flag.targetUserID else { return }
        var state = UserFlag()
        (state.reason, state.by, state.total) = (flag.reason, flag.by, flag.total)
        changeUser(target) { $0.flag.merge(Register(state, at: event.stamp)) }
    }

    mutating func addMutes(_ isMuted: Bool, of event: ChatEvent) {
        guard let mute = event.mute else { return }
        let targets =
            mute.targetUserIDs.map(MuteRecord.Target.user) + mute.targetCIDs.map(MuteRecord.Target.channel)
        for target in targets {
            var record = MuteRecord(key: .init(userID: mute.userID, target: target))
            record.state = Register(.init(isMuted: isMuted, expires: isMuted ? mute.expires : nil), at: event.stamp)
            mutes.append(record)
        }
    }

    mutating func addUserDeletion(of event: ChatEvent) {
        changeUser(event.user?.id) { record in
            record.deletion.merge(Register(true, at: event.stamp(event.user?.deletedAt)))
            record.removal.merge(Watermark(event.deletesMessages, through: event.time))
            record.isErased = event.hardDelete
        }
    }

    mutating func addMessagesDeletion(of event: ChatEvent) {
        guard let user = event.user?.id else { return }
        let removal = Watermark(event.hardDelete ? .hard : .soft, through: event.time)
        guard event.cid != nil else { return changeUser(user) { $0.removal.merge(removal) } }
        changeChannel(of: event) { $0.senderRemovals[user, default: Watermark()].merge(removal) }
    }

    mutating func addReviewItem(of event: ChatEvent) {
        guard let item = event.reviewItem else { return }
        var record = ReviewItemRecord(id: item.id)
        let register = Register(item, at: event.stamp(item.updatedAt))
        if item.isCheckOnly { record.check = register } else { record.item = register }
        reviewItems.append(record)
    }

    mutating func addThread(of event: ChatEvent) {
        guard let thread = event.thread else { return }
        var record = ThreadRecord(parentMessageID: thread.parentMessageID)
        record.state = Register(thread, at: event.stamp(thread.updatedAt))
        threads.append(record)
    }
}

extension Watermark {
    init(_ removal: MessageRemoval, through time: Timestamp) {
        switch removal {
        case .none: self.init()
        case .soft: self.init(deletedThrough: time)
        case .hard: self.init(deletedThrough: time, erasedThrough: time)
        }
    }
}
