package import Chat
import JSON
package import Limits
import MongoDB
package import Provider

/// Reads back from the provider what webhooks have not brought.
///
/// Channels, their members and messages come page after page, inside the provider's limits, and are merged as events are
/// merged. Causes no effects.
///
/// What was stored before an interruption stays, and the next one of the same cause goes on there.
package struct Backfill: Sendable {
    /// What is done with what was read.
    package enum Mode: Sendable, Equatable {
        /// Counted only; nothing is written.
        case check
        /// Stored.
        ///
        /// - Parameters:
        ///   - takesOver: stops one that is under way.
        ///   - resumes: goes on with one that was interrupted.
        case store(takesOver: Bool, resumes: Bool)
    }

    /// One channel read to its end.
    package struct ChannelReport: Sendable {
        package let cid: String
        /// Of the channel, as far as it was read by this process.
        package let counts: BackfillCounts
    }

    package struct Report: Sendable {
        /// Of an interrupted one, if that was gone on with.
        package var request: BackfillRequest
        package var counts = BackfillCounts()
        package var isResumed = false
    }

    private let provider: any ChatProvider
    private let decoder: StreamProvider
    private let store: BackfillStore
    private let limits: Limits
    private let now: @Sendable () -> Timestamp

    package init(
        _ provider: any ChatProvider,
        decoder: StreamProvider,
        store: BackfillStore,
        limits: Limits,
        now: @escaping @Sendable () -> Timestamp
    ) {
        (self.provider, self.decoder, self.store) = (provider, decoder, store)
        (self.limits, self.now) = (limits, now)
    }

    /// - Parameters:
    ///   - begun: told what is going to be read, and what of it was read before.
    ///   - onChannel: told of each channel that was read to its end.
    package func run(
        _ request: BackfillRequest,
        _ mode: Mode,
        begun: @Sendable (Report) -> Void = { _ in },
        onChannel: @Sendable (ChannelReport) -> Void = { _ in }
    ) async throws(BackfillError) -> Report {
        var run = BackfillRun(token: "", request: request)
        if case .store(let takesOver, let resumes) = mode {
            run = try await store.begin(request, takesOver: takesOver, resumes: resumes)
        }
        begun(run.report)
        try await readChannels(&run, mode, onChannel)
        try await readBans(&run, mode)
        if mode != .check {
            try await store.sweep()
            try await store.finish(run)
        }
        return run.report
    }

    // MARK: Channels

    private func readChannels(
        _ run: inout BackfillRun,
        _ mode: Mode,
        _ onChannel: @Sendable (ChannelReport) -> Void
    ) async throws(BackfillError) {
        while true {
            let query = query(run)
            let page = try await asking { () throws(ProviderError) in try await provider.channels(query) }
            for state in page { try await read(state.channel, &run, mode, onChannel) }
            if let cid = run.request.cid {
                if page.isEmpty { throw .noChannel(cid) }
                return
            }
            if page.count < query.limit { return }
        }
    }

    /// The channels that come next, in the order of their making, which nothing changes while this goes on.
    private func query(_ run: BackfillRun) -> ChannelQuery {
        if let cid = run.request.cid {
            return ChannelQuery(filter: JSONObjectText { $0.field("cid") { $0.object { $0.field("$eq", cid) } } })
        }
        let since = run.request.since.rfc3339
        let filter = JSONObjectText { filter in
            // System messages do not count as a channel's last message.
            filter.field("$or") {
                $0.array {
                    for field in ["last_message_at", "updated_at", "created_at"] {
                        $0.object { $0.field(field) { $0.object { $0.field("$gte", since) } } }
                    }
                }
            }
            if let created = run.position.channels.created {
                filter.field("created_at") { $0.object { $0.field("$gte", created.rfc3339) } }
            }
        }
        return ChannelQuery(
            filter: filter,
            order: [.init("created_at", isAscending: true)],
            limit: limits.provider.channelsPerPage,
            offset: run.position.channels.done
        )
    }

    /// One channel to its end, from where an interrupted back-fill left it.
    private func read(
        _ channel: Channel,
        _ run: inout BackfillRun,
        _ mode: Mode,
        _ onChannel: @Sendable (ChannelReport) -> Void
    ) async throws(BackfillError) {
        let cid = channel.cid
        var place = run.position.current.flatMap { $0.cid == cid ? $0 : nil } ?? BackfillPosition.Place(cid: cid)
        var isFirst = place == BackfillPosition.Place(cid: cid)
        var counts = BackfillCounts()
        var hasMore = true
        while hasMore {
            if Task.isCancelled { throw .interrupted }
            var page = PageReading.refused
            hasMore = false
            if let state = try await state(of: channel, at: place, run.request) {
                page = PageReading(
                    state,
                    isFirst: isFirst,
                    through: run.request.through,
                    provider: decoder,
                    readAt: now()
                )
                hasMore = hasNext(state, page)
            }
            place.message = page.last ?? place.message
            place.members += page.counts.members
            var position = run.position
            if hasMore { position.current = place } else { position.pass(channelMadeAt: channel.createdAt) }
            let added = try await keep(page, run, position, mode)
            run.counts += added
            counts += added
            run.position = position
            isFirst = false
        }
        onChannel(ChannelReport(cid: cid, counts: counts))
    }

    private func hasNext(_ state: ChannelState, _ page: PageReading) -> Bool {
        let hasMessages =
            !page.isPastEnd && page.last != nil
            && state.messages.count + state.unreadable >= limits.provider.messagesPerPage
        return hasMessages || state.members.count >= limits.provider.membersPerPage
    }

    /// - Returns: `nil` for a channel that the provider does not show.
    private func state(
        of channel: Channel,
        at place: BackfillPosition.Place,
        _ request: BackfillRequest
    ) async throws(BackfillError) -> ChannelState? {
        // The provider does not say who made some channels that it made itself; nor does it answer without.
        guard let creator = channel.createdBy else { return nil }
        let start = MessagePage.Position.since(request.since.rfc3339)
        do throws(BackfillError) {
            return try await state(at: place, by: creator, place.message.map { .after($0.id) } ?? start)
        } catch {
            guard case .provider(.refused) = error else { throw error }
            guard let message = place.message else { return nil }
            // The message that the page should come after may be gone for good.
            return try await state(at: place, by: creator, .since(message.createdAt.rfc3339))
        }
    }

    private func state(
        at place: BackfillPosition.Place,
        by creator: String,
        _ position: MessagePage.Position
    ) async throws(BackfillError) -> ChannelState {
        let messages = MessagePage(limit: limits.provider.messagesPerPage, position)
        let members = OffsetPage(limit: limits.provider.membersPerPage, offset: place.members)
        return try await asking { () async throws(ProviderError) in
            try await provider.state(of: place.cid, by: creator, messages: messages, members: members)
        }
    }

    // MARK: Bans

    /// The bans in force that were made in the window; what was lifted meanwhile is not listed.
    private func readBans(_ run: inout BackfillRun, _ mode: Mode) async throws(BackfillError) {
        var hasMore = true
        while hasMore {
            if Task.isCancelled { throw .interrupted }
            var (page, position) = (PageReading.refused, run.position)
            hasMore = false
            if let bans = try await bans(run) {
                page = PageReading(bans, through: run.request.through, provider: decoder, readAt: now())
                for ban in bans { position.bans.pass(madeAt: ban.createdAt) }
                hasMore = !page.isPastEnd && bans.count >= limits.provider.usersPerPage
            }
            let added = try await keep(page, run, position, mode)
            run.counts += added
            run.position = position
        }
    }

    /// - Returns: `nil` where the provider does not show them.
    private func bans(_ run: BackfillRun) async throws(BackfillError) -> [StandingBan]? {
        let (cid, reached) = (run.request.cid, run.position.bans)
        let page = OffsetPage(limit: limits.provider.usersPerPage, offset: reached.done)
        do throws(BackfillError) {
            return try await asking { () async throws(ProviderError) in
                try await provider.bans(in: cid, since: reached.created ?? run.request.since, page)
            }
        } catch {
            guard case .provider(.refused) = error else { throw error }
            return nil
        }
    }

    // MARK: Trying again

    private func keep(
        _ page: PageReading,
        _ run: BackfillRun,
        _ position: BackfillPosition,
        _ mode: Mode
    ) async throws(BackfillError) -> BackfillCounts {
        var wait = Wait(limits.backfill)
        while true {
            do throws(BackfillError) {
                if mode == .check { return try await store.compare(page) }
                return try await store.store(page, of: run, at: position, isRepeated: wait.attempts > 0)
            } catch {
                guard case .mongo(let fault) = error, fault.isTransient, wait.mayGoOn else { throw error }
                try await wait.pause(nil)
            }
        }
    }

    private func asking<Value>(
        _ query: () async throws(ProviderError) -> Value
    ) async throws(BackfillError) -> Value {
        var wait = Wait(limits.backfill)
        while true {
            do throws(ProviderError) {
                return try await query()
            } catch {
                guard case .unavailable(_, let after) = error, wait.mayGoOn else { throw .provider(error) }
                try await wait.pause(after)
            }
        }
    }
}

/// Waits between attempts at one thing: doubling, with jitter, or as long as the other side asks for.
private struct Wait {
    private let limits: Limits.Backfill
    private(set) var attempts = 0

    init(_ limits: Limits.Backfill) { self.limits = limits }

    var mayGoOn: Bool { attempts + 1 < limits.attempts && !Task.isCancelled }

    mutating func pause(_ asked: Duration?) async throws(BackfillError) {
        let most = min(limits.retryCeilingMilliseconds, limits.retryFloorMilliseconds << min(attempts, 16))
        attempts += 1
        let own = Duration.milliseconds(Int.random(in: most / 2...most))
        do { try await Task.sleep(for: asked.map { max($0, own) } ?? own) } catch { throw .interrupted }
    }
}

extension BackfillRun {
    fileprivate var report: Backfill.Report {
        Backfill.Report(request: request, counts: counts, isResumed: isResumed)
    }
}
