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
        guard case .upsertUsers(let users)? = next.calls.first else { throw Failure() }
        #expect(users[0].name == "N" && users[0].image == "j" && users[0].language == "de")
        #expect(users[0].custom.text == #"{"mood":"x"}"#)
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
        #expect(names(next) == ["A"])
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
        guard case .upsertUsers(let users)? = third.calls.first else { throw Failure() }
        #expect(users[0].image == "i" && users[0].role == "c")
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
        guard case .upsertUsers(let users)? = older.calls.first else { throw Failure() }
        #expect(users[0].name == "N" && users[0].image == "j")
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

    @Test func aFieldThatIsGoneIsTakenBack() throws {
        let first = try decide(#"{"name":"A","image":"i"}"#, at: 10)
        let next = try decide(#"{"name":"A"}"#, stored: first.record, at: 20)
        guard case .upsertUsers(let users)? = next.calls.first else { throw Failure() }
        #expect(users[0].name == "A" && users[0].image == nil)
    }

    @Test func comingAndGoing() throws {
        let first = try decide(#"{"name":"A"}"#, at: 10)
        let gone = try decide(#"{"name":"B"}"#, stored: first.record, at: 20, active: false)
        #expect(gone.calls.map(\.name) == ["upsertUsers", "deactivateUser"])
        #expect(try decide(#"{"name":"B"}"#, stored: gone.record, at: 30, active: false).outcome == .unchanged)
        let back = try decide(#"{"name":"C"}"#, stored: gone.record, at: 40, active: true)
        #expect(back.calls.map(\.name) == ["reactivateUser", "upsertUsers"])
        // A profile that waits to go out with later changes must not come after the end.
        let during = try decide(#"{"name":"C"}"#, stored: first.record, effect: .scheduled, at: 20, active: false)
        #expect(during.cancelsPending && during.calls.map(\.name) == ["upsertUsers", "deactivateUser"])
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
    }

    // MARK: Parts

    private struct Failure: Error {}

    private func decide(
        _ fields: String,
        stored: AppUserRecord? = nil,
        provider: ProviderUser? = nil,
        effect: EffectState? = nil,
        finished: Int64? = nil,
        at now: Int64,
        changedAt: Int64? = nil,
        active: Bool? = nil,
        mode: EffectMode = .on
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
            mode: mode,
            now: Timestamp(milliseconds: now)
        )
        return try SyncDecision(user, situation, Limits.UserSync())
    }

    private func provider(_ fields: String, at time: Int64) -> ProviderUser {
        var user = ProviderUser()
        (user.fields, user.changedAt) = (ProfileFields(stored: fields), Timestamp(milliseconds: time))
        return user
    }

    private func names(_ decision: SyncDecision) -> [String?] {
        decision.calls.flatMap { call -> [String?] in
            if case .upsertUsers(let users) = call { users.map(\.name) } else { [] }
        }
    }
}
