import Chat
import JSON
import Limits
import Outbox
import Provider
import Testing
import UserSync

struct SyncDecisionTests {
    @Test func onlyWhatTheProviderWouldSeeChangedIsSent() throws {
        let first = try decide(#"{"name":"A"}"#, at: 10)
        #expect(first.outcome == .queued && names(first) == ["A"])
        #expect(try decide(#"{"name":"A"}"#, stored: first.record, at: 20).outcome == .unchanged)
        let second = try decide(#"{"name":"B"}"#, stored: first.record, at: 30)
        #expect(names(second) == ["B"] && second.record.version == 2)
    }

    @Test func whatCameFromTheProviderIsNotSentBack() throws {
        let first = try decide(#"{"name":"A","image":"i"}"#, at: 10)
        let provider = provider(#"{"name":"N","image":"i"}"#, at: 20)
        let echo = try decide(#"{"name":"N","image":"i"}"#, stored: first.record, provider: provider, at: 30)
        #expect(echo.outcome == .unchanged && echo.calls.isEmpty)
        #expect(echo.record.fields.text("name") == "N")
    }

    /// The app changes the image, and the name that users changed in the chat stays; so does what only the provider knows.
    @Test func whatTheAppDidNotChangeStaysAsTheProviderHasIt() throws {
        let first = try decide(#"{"name":"A","image":"i"}"#, at: 10)
        let provider = provider(#"{"name":"N","image":"i","language":"de","mood":"x"}"#, at: 20)
        let next = try decide(#"{"name":"A","image":"j"}"#, stored: first.record, provider: provider, at: 30)
        #expect(try told(next) == Told(#"{"image":"j"}"#))
        #expect(next.record.sent?.json == #"{"image":"j","language":"de","mood":"x","name":"N"}"#)
        #expect(next.record.kept == ["name"])
    }

    /// What was sent and is not confirmed yet counts, whatever an older event says.
    @Test func whatIsOnItsWayIsNotTakenBack() throws {
        let first = try decide(#"{"name":"A","image":"i"}"#, provider: provider(#"{"name":"O"}"#, at: 5), at: 10)
        let next = try decide(
            #"{"name":"A","image":"j"}"#,
            stored: first.record,
            provider: provider(#"{"name":"O"}"#, at: 5),
            at: 20
        )
        #expect(next.record.sent?.text("name") == "A" && next.record.kept.isEmpty)
    }

    /// Of three changes within a second the event about the first comes while the second still waits: it does not hold it.
    @Test(arguments: [EffectState.scheduled, .waiting, .running])
    func anEventAboutTheLastButOneDoesNotTakeTheLastBack(_ state: EffectState) throws {
        let first = try decide(#"{"name":"A"}"#, at: 10)
        let second = try decide(#"{"name":"A","image":"i"}"#, stored: first.record, effect: .running, at: 60)
        let provider = provider(#"{"name":"A"}"#, at: 90)
        let third = try decide(
            #"{"name":"A","image":"i","role":"c"}"#,
            stored: second.record,
            provider: provider,
            effect: state,
            at: 510
        )
        #expect(try told(third) == Told(#"{"image":"i","name":"A","role":"c"}"#))
        #expect(third.record.sent?.names == ["image", "name", "role"])
    }

    /// The same when the second is done, and the event about it has not come.
    @Test func onlyWhatHappenedAfterTheLastEffectCounts() throws {
        let first = try decide(#"{"name":"A","image":"i"}"#, at: 60)
        func next(_ time: Int64) throws -> SyncDecision {
            try decide(
                #"{"name":"A","image":"i","role":"c"}"#,
                stored: first.record,
                provider: provider(#"{"name":"A"}"#, at: time),
                effect: .done,
                finished: 100,
                at: 510
            )
        }
        #expect(try next(90).record.sent?.names == ["image", "name", "role"])
        #expect(try next(110).record.sent?.names == ["name", "role"])
    }

    @Test func ofTwoChangesOfOneFieldTheNewerWins() throws {
        let first = try decide(#"{"name":"A","image":"i"}"#, at: 10)
        let provider = provider(#"{"name":"N","image":"i"}"#, at: 30)
        let older = try decide(
            #"{"name":"B","image":"j"}"#,
            stored: first.record,
            provider: provider,
            at: 40,
            changedAt: 20
        )
        #expect(try told(older) == Told(#"{"image":"j"}"#))
        let newer = try decide(
            #"{"name":"B","image":"i"}"#,
            stored: first.record,
            provider: provider,
            at: 40,
            changedAt: 35
        )
        #expect(names(newer) == ["B"])
    }

    @Test func whatArrivesLateChangesNothing() throws {
        let first = try decide(#"{"name":"B"}"#, at: 20)
        let late = try decide(#"{"name":"A"}"#, stored: first.record, at: 30, changedAt: 10)
        #expect(late.outcome == .older && late.record == first.record)
        // A clock that is ahead does not hold up what comes after.
        let ahead = try decide(#"{"name":"C"}"#, stored: first.record, at: 30, changedAt: 9_999)
        #expect(names(try decide(#"{"name":"D"}"#, stored: ahead.record, at: 40)) == ["D"])
    }

    @Test(arguments: [EffectState.dead, .cancelled, .stale, .recorded])
    func whatNeverReachedTheProviderIsSentAgain(_ state: EffectState) throws {
        let first = try decide(#"{"name":"A"}"#, at: 10)
        let again = try decide(#"{"name":"A"}"#, stored: first.record, effect: state, at: 20)
        #expect(names(again) == ["A"])
    }

    /// So that a burst, a lost effect and the newest alone leave nothing out.
    @Test(arguments: [EffectState.scheduled, .waiting, .running, .dead, .cancelled])
    func whatEarlierEffectsDidNotBringGoesAlong(_ state: EffectState) throws {
        let first = try decide(#"{"name":"A","image":"i","x":1}"#, at: 10)
        let second = try decide(#"{"name":"B","image":"i"}"#, stored: first.record, effect: .done, at: 20)
        #expect(try told(second) == Told(#"{"name":"B"}"#, unset: ["x"]))
        let third = try decide(#"{"name":"B","image":"j"}"#, stored: second.record, effect: state, at: 30)
        #expect(try told(third) == Told(#"{"image":"j","name":"B"}"#, unset: ["x"]))
        let done = try decide(#"{"name":"B","image":"k"}"#, stored: third.record, effect: .done, at: 40)
        #expect(try told(done) == Told(#"{"image":"k"}"#) && done.record.isThere)
    }

    /// Until an effect is done nobody knows whether it came to the provider; one that waits for its time did not.
    @Test func whatMayHaveComeToTheProviderIsRemembered() throws {
        let first = try decide(#"{"name":"A"}"#, at: 10)
        let second = try decide(#"{"name":"B"}"#, stored: first.record, effect: .running, at: 20)
        #expect(second.record.offered?.text("name") == "A")
        let third = try decide(#"{"name":"C"}"#, stored: second.record, effect: .scheduled, at: 30)
        #expect(third.record.offered?.text("name") == "A")
        #expect(try decide(#"{"name":"D"}"#, stored: third.record, effect: .done, at: 40).record.offered == nil)
        // It died, and yet the provider's event shows it: that is no newer word than the app's.
        let again = try decide(
            #"{"name":"B"}"#,
            stored: first.record,
            provider: provider(#"{"name":"A"}"#, at: 30),
            effect: .dead,
            at: 40,
            changedAt: 20
        )
        #expect(names(again) == ["B"])
    }

    /// The app's profile was not told, and meanwhile its user changed the name in the chat.
    @Test func whatIsToldAgainDoesNotBeatANewerWord() throws {
        let first = try decide(#"{"name":"A","image":"i"}"#, at: 10)
        let again = try decide(
            #"{"name":"A","image":"i"}"#,
            stored: first.record,
            provider: provider(#"{"name":"N"}"#, at: 20),
            effect: .dead,
            at: 30,
            changedAt: 10
        )
        #expect(try told(again) == Told(#"{"image":"i"}"#) && again.record.kept == ["name"])
    }

    @Test func theFieldsThatWaitAreBounded() throws {
        var limits = Limits.UserSync()
        limits.toldFields = 10
        var record = try decide(#"{"name":"A"}"#, at: 10).record
        for number in 0..<50 {
            let fields = #"{"name":"A","x\#(number)":1}"#
            record = try decide(fields, stored: record, effect: .waiting, at: 20, limits: limits).record
        }
        #expect(record.telling.count <= limits.toldFields && record.telling.contains("name"))
    }

    @Test func aFieldThatIsGoneIsTakenBack() throws {
        let first = try decide(#"{"name":"A","image":"i"}"#, at: 10)
        let next = try decide(#"{"name":"A"}"#, stored: first.record, at: 20)
        #expect(try told(next) == Told("{}", unset: ["image"]))
        let cleared = try decide("{}", stored: try decide(#"{"role":"x","teams":["t"]}"#, at: 10).record, at: 20)
        #expect(try told(cleared) == Told(#"{"role":"user","teams":[]}"#))
    }

    @Test func comingAndGoing() throws {
        let first = try decide(#"{"name":"A"}"#, at: 10)
        let gone = try decide(#"{"name":"B"}"#, stored: first.record, at: 20, active: false)
        #expect(gone.calls.map(\.name) == ["updateUsersPartially", "deactivateUser"])
        #expect(try decide(#"{"name":"B"}"#, stored: gone.record, at: 30, active: false).outcome == .unchanged)
        let back = try decide(#"{"name":"C"}"#, stored: gone.record, at: 40, active: true)
        #expect(back.calls.map(\.name) == ["reactivateUser", "updateUsersPartially"])
        // A profile that waits to go out with later changes must not come after the end.
        let during = try decide(#"{"name":"C"}"#, stored: first.record, effect: .scheduled, at: 20, active: false)
        #expect(during.cancelsPending && during.calls.map(\.name) == ["updateUsersPartially", "deactivateUser"])
    }

    // MARK: Coming and going

    /// Overtaken, or the row's own time in a nightly list of all users.
    @Test func aLateWordLetsNobodyBackIn() throws {
        let first = try decide(#"{"name":"A"}"#, at: 10)
        let gone = try end(first.record, at: 50)
        let late = try decide(#"{"name":"A"}"#, stored: gone.record, at: 60, changedAt: 40, active: true)
        #expect(late.record.state == .deactivated && late.calls.isEmpty)

        let moderated = provider(#"{"name":"A"}"#, at: 10, deactivated: true, since: 500)
        let nightly = try decide(
            #"{"name":"A"}"#,
            stored: first.record,
            provider: moderated,
            at: 600,
            changedAt: 10,
            active: true
        )
        #expect(nightly.calls.isEmpty && nightly.record.stateAt == first.record.stateAt)
        let later = try decide(#"{"name":"A"}"#, stored: first.record, provider: moderated, at: 600, active: true)
        #expect(later.calls.map(\.name) == ["reactivateUser"])
    }

    /// A moderator lets the user in again; the app's agreement causes no call and is remembered.
    @Test func theAppsWordCountsThoughTheProviderHasItSo() throws {
        let gone = try end(try decide(#"{"name":"A"}"#, at: 10).record, at: 50)
        let provider = provider(#"{"name":"A"}"#, at: 10, deactivated: false, since: 60)
        let back = try decide(#"{"name":"A"}"#, stored: gone.record, provider: provider, at: 70, active: true)
        #expect(back.calls.isEmpty && back.record.state == .active)
        #expect(back.record.stateAt == Timestamp(milliseconds: 70))
        let again = try decide(#"{"name":"A"}"#, stored: back.record, provider: provider, at: 80, active: false)
        #expect(again.calls.map(\.name) == ["deactivateUser"])
    }

    /// The event about the app's own deactivation is of a later time than the app's word, as it may be than the next.
    @Test func anEchoIsNoNewerWord() throws {
        let gone = try end(try decide(#"{"name":"A"}"#, at: 10).record, at: 50)
        let back = try decide(
            #"{"name":"A"}"#,
            stored: gone.record,
            provider: provider(#"{"name":"A"}"#, at: 10, deactivated: true, since: 52),
            at: 55,
            changedAt: 51,
            active: true
        )
        #expect(back.calls.map(\.name) == ["reactivateUser"])
    }

    @Test(arguments: [EffectState.dead, .cancelled, .stale, .recorded])
    func anEndThatNeverReachedTheProviderIsSentAgain(_ state: EffectState) throws {
        let first = try decide(#"{"name":"A"}"#, at: 10)
        let gone = try end(first.record, at: 20)
        let again = try end(gone.record, stateEffect: state, at: 30)
        #expect(again.calls.map(\.name) == ["deactivateUser"] && again.record.version == gone.record.version + 1)
        #expect(try end(gone.record, stateEffect: .waiting, at: 30).calls.isEmpty)
        let said = try decide(#"{"name":"A"}"#, stored: gone.record, stateEffect: state, at: 30, active: false)
        #expect(said.calls.map(\.name) == ["deactivateUser"])

        func delete(_ record: AppUserRecord, _ state: EffectState?, mode: EffectMode = .on) throws -> SyncDecision {
            let now = Timestamp(milliseconds: 40)
            let situation = SyncDecision.Situation(stored: record, stateEffect: state, mode: mode, now: now)
            return try SyncDecision(deleting: "u", messages: false, situation)
        }
        let deleted = try delete(first.record, nil)
        #expect(try delete(deleted.record, state).calls.map(\.name) == ["deleteUsers"])
        #expect(try delete(deleted.record, .done).outcome == .unchanged)
        let unsaid = try delete(first.record, nil, mode: .off)
        #expect(unsaid.record.state == .deleted)
        #expect(try delete(unsaid.record, nil).calls.map(\.name) == ["deleteUsers"])
    }

    @Test func whatWaitsDoesNotComeAfterTheEnd() throws {
        let first = try decide(#"{"name":"A"}"#, at: 10)
        let gone = try end(first.record, effect: .scheduled, at: 20)
        #expect(gone.cancelsPending && gone.calls.map(\.name) == ["updateUsersPartially", "deactivateUser"])
        #expect(try told(gone) == Told(#"{"name":"A"}"#))
    }

    @Test func whoIsGoneForEverIsNotTaken() throws {
        var erased = ProviderUser()
        erased.isErased = true
        #expect(throws: AppUserFault.self) { try decide(#"{"name":"A"}"#, provider: erased, at: 10) }
        let first = try decide(#"{"name":"A"}"#, at: 10)
        let end = try SyncDecision(
            deleting: "u",
            messages: false,
            .init(stored: first.record, now: Timestamp(milliseconds: 20))
        )
        #expect(end.calls.map(\.name) == ["deleteUsers"] && end.record.fields.isEmpty)
        #expect(throws: AppUserFault.self) { try decide(#"{"name":"A"}"#, stored: end.record, at: 30) }
    }

    @Test func withEffectsOffNothingCountsAsSent() throws {
        let first = try decide(#"{"name":"A"}"#, at: 10, mode: .off)
        #expect(first.record.sent == nil)
        #expect(names(try decide(#"{"name":"A"}"#, stored: first.record, at: 20)) == ["A"])
        // Nor does what was sent before they were switched off.
        let on = try decide(#"{"name":"A","image":"i"}"#, at: 10)
        let off = try decide(#"{"name":"B"}"#, stored: on.record, effect: .done, at: 20, mode: .off)
        let again = try decide(#"{"name":"B"}"#, stored: off.record, effect: .done, at: 30)
        #expect(try told(again) == Told(#"{"name":"B"}"#, unset: ["image"]))
    }

    // MARK: Parts

    private struct Failure: Error {}

    private func decide(
        _ fields: String,
        stored: AppUserRecord? = nil,
        provider: ProviderUser? = nil,
        effect: EffectState? = nil,
        finished: Int64? = nil,
        stateEffect: EffectState? = nil,
        at now: Int64,
        changedAt: Int64? = nil,
        active: Bool? = nil,
        mode: EffectMode = .on,
        limits: Limits.UserSync = Limits.UserSync()
    ) throws -> SyncDecision {
        var user = AppUser(id: "u")
        user.fields = ProfileFields(stored: fields)
        user.changedAt = changedAt.map(Timestamp.init(milliseconds:))
        user.isActive = active
        let situation = SyncDecision.Situation(
            stored: stored,
            provider: provider,
            effect: effect,
            effectFinished: finished.map(Timestamp.init(milliseconds:)),
            stateEffect: stateEffect,
            mode: mode,
            now: Timestamp(milliseconds: now)
        )
        return try SyncDecision(user, situation, limits)
    }

    /// A deactivation by the interface.
    private func end(
        _ stored: AppUserRecord,
        effect: EffectState? = nil,
        stateEffect: EffectState? = nil,
        at now: Int64
    ) throws -> SyncDecision {
        let situation = SyncDecision.Situation(
            stored: stored,
            effect: effect,
            stateEffect: stateEffect,
            now: Timestamp(milliseconds: now)
        )
        return try SyncDecision(deactivating: "u", messages: false, situation)
    }

    private func provider(
        _ fields: String,
        at time: Int64,
        deactivated: Bool = false,
        since: Int64? = nil
    ) -> ProviderUser {
        var user = ProviderUser()
        (user.fields, user.changedAt) = (ProfileFields(stored: fields), Timestamp(milliseconds: time))
        (user.isDeactivated, user.deactivationAt) = (deactivated, since.map(Timestamp.init(milliseconds:)))
        return user
    }

    private func names(_ decision: SyncDecision) -> [String?] {
        decision.calls.flatMap { call -> [String?] in
            guard case .updateUsersPartially(let changes) = call else { return [] }
            return changes.map { ProfileFields(stored: $0.set.text).text("name") }
        }
    }

    private struct Told: Equatable {
        let set: String
        let unset: [String]

        init(_ set: String, unset: [String] = []) { (self.set, self.unset) = (set, unset) }
    }

    private func told(_ decision: SyncDecision) throws -> Told {
        guard case .updateUsersPartially(let changes)? = decision.calls.first else { throw Failure() }
        return Told(changes[0].set.text, unset: changes[0].unset)
    }
}
