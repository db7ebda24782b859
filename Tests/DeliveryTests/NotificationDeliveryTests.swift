import Chat
import Facts
import History
import Limits
import MongoDB
import Notifications
import TestSupport
import Testing

@testable import Delivery
@testable import Outbox

/// From an event to what a channel is given, and what is written down where nothing is.
struct NotificationDeliveryTests {
    // MARK: New offers

    @Test func anOfferIsToldToTheSeller() async throws {
        try await withService(.newOffer) { service in
            try await service.tell("user", "sam", ["email": .string("sam@example.com"), "name": .string("Sam")])
            try await service.tell("listing", "1042", ["title": .string("Blue bicycle")])
            #expect(try await service.store(Body.message("m1", Body.offer)) == 1)
            try await service.perform()
            let told = try #require(service.channel.delivered.first)
            #expect(service.channel.delivered.count == 1)
            #expect(told.recipient == .init(userID: "sam", name: "Sam", email: "sam@example.com"))
            #expect(told.content?.subject == "New offer of 250 for Blue bicycle")
            #expect(told.content?.text.contains("Bea B has made an offer for Blue bicycle") == true)
            #expect(told.content?.html?.contains("Is 250 &lt;ok&gt;?") == true)
            let link = "https://shop.example/chat/messaging%3Alisting_1042_bea_sam?m=m1"
            #expect(told.content?.text.contains(link) == true)
            #expect(told.id == "m1/0/new-offer/email user:sam" && told.kind == "new-offer")
            let row = try await service.row()
            #expect(row.string("state") == "done" && row.string("answer") == "250" && row.string("payload") == nil)
        }
    }

    @Test func aSecondDeliveryTellsNothing() async throws {
        try await withService(.newOffer) { service in
            try await service.tell("user", "sam", ["email": .string("sam@example.com")])
            let body = Body.message("m1", Body.offer)
            #expect(try await service.store(body) == 1)
            #expect(try await service.store(body) == 0)
            #expect(
                try await service.store(Body.message("m1", secondsAgo: 0, type: "message.updated", Body.offer)) == 0
            )
            try await service.perform()
            #expect(service.channel.delivered.count == 1)
        }
    }

    @Test func theSellerIsFoundByTheListing() async throws {
        try await withService(.newOffer) { service in
            try await service.tell("listing", "7", ["seller_id": .integer(12)])
            try await service.tell("user", "12", ["email": .string("twelve@example.com")])
            try await service.store(Body.message("m1", in: "messaging:x", Body.offer + #","listing_id":"7""#))
            try await service.store(Body.message("m2", by: "12", in: "messaging:x", Body.offer + #","listing_id":"7""#))
            try await service.perform()
            #expect(service.channel.delivered.map(\.recipient?.email) == ["twelve@example.com"])
            let own = try await service.rows().first { $0.string("_id")?.hasPrefix("m2/") == true }
            #expect(own?.string("state") == "done" && own?.string("answer") == "not sent: the seller wrote it")
        }
    }

    @Test func aDeadLetterNamesTheMissingLink() async throws {
        try await withService(.newOffer) { service in
            try await service.store(Body.message("m1", in: "messaging:x", Body.offer + #","listing_id":"1042""#))
            try await service.store(Body.message("m2", Body.offer))
            try await service.perform()
            let answers = try await service.rows().sorted { $0.string("_id") ?? "" < $1.string("_id") ?? "" }
            #expect(answers.map { $0.string("state") } == ["dead", "dead"])
            #expect(
                answers[0].string("answer")?.hasPrefix("listing 1042 has no fact seller_id; tell it with PUT") == true
            )
            #expect(answers[1].string("answer")?.hasPrefix("user sam has no fact email; tell it with PUT") == true)
            #expect(service.channel.delivered.isEmpty)
            // Told and tried again, it goes out.
            try await service.tell("user", "sam", ["email": .string("sam@example.com")])
            try await blocking {
                let outbox = OutboxStore(try service.history.opened(), limits: service.limits.outbox)
                let key = Effect.EffectKey(stored: answers[1].string("_id") ?? "")
                #expect(try outbox.retry(key, by: "test", order: WriteOrder(), at: NotifyingService.now()))
            }
            try await service.perform()
            #expect(service.channel.delivered.map(\.recipient?.email) == ["sam@example.com"])
        }
    }

    @Test func whatIsGoneIsNotTold() async throws {
        try await withService(.newOffer) { service in
            try await service.tell("user", "sam", ["email": .string("sam@example.com")])
            try await service.store(Body.message("m1", Body.offer))
            try await service.store(Body.message("m1", secondsAgo: 0, type: "message.deleted", Body.offer))
            try await service.perform()
            #expect(try await service.row().string("answer") == "not sent: the message is gone")
            #expect(service.channel.delivered.isEmpty)
        }
    }

    @Test func whatIsAnHourOldIsRecordedAsStale() async throws {
        try await withService(.newOffer) { service in
            try await service.tell("user", "sam", ["email": .string("sam@example.com")])
            #expect(try await service.store(Body.message("m1", secondsAgo: 3_600, Body.offer)) == 1)
            try await service.perform()
            #expect(try await service.row().string("state") == "stale")
            #expect(service.channel.delivered.isEmpty)
        }
    }

    @Test func nothingGoesOutWhileEffectsAreRecorded() async throws {
        try await withService(.newOffer, mode: .record) { service in
            try await service.store(Body.message("m1", Body.offer))
            try await service.perform()
            #expect(try await service.row().string("state") == "recorded")
            #expect(service.channel.delivered.isEmpty)
        }
    }

    // MARK: Wishes and shares

    @Test func whoDoesNotWantItIsNotTold() async throws {
        try await withService(.newOffer) { service in
            try await service.tell("user", "sam", ["email": .string("sam@example.com")])
            try await blocking {
                var wishes = NotificationPreferences()
                wishes.set(.newOffer, false)
                try wishes.write(for: "sam", in: try service.history.opened(), at: NotifyingService.now())
            }
            try await service.store(Body.message("m1", Body.offer))
            try await service.perform()
            #expect(try await service.row().string("answer") == "not sent: the user does not want these")
            #expect(service.channel.delivered.isEmpty)
        }
    }

    @Test func onlySoManyReachOneUserWithinTheHour() async throws {
        var limits = Limits.forTests
        limits.notifications.offersPerHour = 3
        try await withService(.newOffer, limits: limits) { service in
            try await service.tell("user", "sam", ["email": .string("sam@example.com")])
            for number in 1...5 { try await service.store(Body.message("m\(number)", Body.offer)) }
            try await service.perform()
            // Across the full hour there are two shares.
            #expect((3...5).contains(service.channel.delivered.count))
            let held = try await service.rows().compactMap { $0.string("answer") }.filter {
                $0.hasPrefix("not sent: 3 of")
            }
            #expect(held.count == 5 - service.channel.delivered.count)
        }
    }

    @Test func anotherAttemptCountsOnce() async throws {
        try await withService(.newOffer) { service in
            let store = try await blocking { try service.history.opened() }
            let throttle = NotificationThrottle(store, mostPerHour: 1)
            let now = NotifyingService.now()
            func admit(_ id: String, _ who: String = "sam") async throws -> Bool {
                let key = Effect.EffectKey(entity: id, version: "1", cause: "c", action: "a")
                return try await blocking { try throttle.admit(key, of: .newOffer, to: who, at: .email, now) }
            }
            #expect(try await admit("m1"))
            #expect(try await admit("m1"))
            #expect(try await !admit("m2"))
            #expect(try await admit("m2", "bea"))
        }
    }

    // MARK: Moderators

    @Test func moderatorsAreAlertedOnce() async throws {
        try await withService(.alert) { service in
            let flagged =
                #"{"type":"message.flagged","# + Body.message("m1").dropFirst(#"{"type":"message.new","#.count)
            let item = """
                {"type":"review_queue_item.new","created_at":"\(NotifyingService.time(0))","review_queue_item":{"id":"rq",\
                "entity_type":"stream:chat:v1:message","entity_id":"m1","entity_creator_id":"bea","status":"pending",\
                "created_at":"\(NotifyingService.time(0))","updated_at":"\(NotifyingService.time(0))"}}
                """
            #expect(try await service.store(flagged) == 2)
            #expect(try await service.store(item) == 0)
            try await service.perform()
            let told = service.channel.delivered.sorted { $0.recipient?.email ?? "" < $1.recipient?.email ?? "" }
            #expect(told.map(\.recipient?.email) == [nil, "mo@example.com"])
            #expect(told[1].content?.text.contains("Sender: Bea B (bea)") == true)
            #expect(told[1].content?.text.contains("Message: m1") == true)
        }
    }

    @Test func usersWithAModeratorsRoleAreAlerted() async throws {
        try await withService(.alertByRole) { service in
            let flagged = Body.message("m1", type: "message.flagged")
            try await service.store(flagged)
            try await service.perform()
            // Nobody has the role: the team's own address alone.
            #expect(service.channel.delivered.map(\.recipient?.email) == ["mo@example.com"])
            let dead = try await service.rows().filter { $0.string("state") == "dead" }
            #expect(dead.count == 1)
            #expect(dead.first?.string("answer")?.hasPrefix("no user has one of the roles of MODERATOR_ROLES") == true)

            try await service.store(Body.user("ann", role: "moderator"))
            try await service.store(Body.user("joe", role: "user"))
            try await service.store(Body.user("mo", role: "moderator"))
            try await service.store(Body.member("kim", of: Body.cid, role: "channel_moderator"))
            try await service.store(Body.member("joe", of: Body.cid))
            try await service.store(Body.member("lea", of: "messaging:y", role: "channel_moderator"))
            for user in ["ann", "joe", "kim", "lea", "mo"] {
                try await service.tell("user", user, ["email": .string("\(user)@example.com")])
            }
            try await blocking {
                let outbox = OutboxStore(try service.history.opened(), limits: service.limits.outbox)
                let key = Effect.EffectKey(stored: dead[0].string("_id") ?? "")
                #expect(try outbox.retry(key, by: "test", order: WriteOrder(), at: NotifyingService.now()))
            }
            try await service.perform()
            let told = service.channel.delivered.compactMap(\.recipient?.email).sorted()
            #expect(told == ["ann@example.com", "kim@example.com", "mo@example.com"])
            let answers = try await service.rows().compactMap { $0.string("answer") }
            #expect(answers.contains("3 moderators are told"))
            #expect(answers.contains("not sent: MODERATOR_EMAILS names the same address"))
        }
    }

    // MARK: Events

    @Test func eventsAreForwardedAsTheyCame() async throws {
        try await withService(.bridge) { service in
            let body = Body.message("m1")
            #expect(try await service.store(body) == 1)
            #expect(try await service.store(body) == 0)
            #expect(try await service.row().string("payload")?.contains("250") == false)
            try await service.perform()
            let told = try #require(service.channel.delivered.first)
            #expect(told.kind == "message.new" && told.data == body && told.recipient == nil && told.content == nil)
        }
    }

    @Test func anEventOutOfALongQueueIsForwardedForADay() async throws {
        try await withService(.bridge) { service in
            #expect(try await service.store(Body.message("m1", secondsAgo: 7_200)) == 1)
            #expect(try await service.store(Body.message("m2", secondsAgo: 90_000)) == 1)
            try await service.perform()
            #expect(service.channel.delivered.count == 1)
            let states = try await service.rows().compactMap { $0.string("state") }
            #expect(states.sorted() == ["done", "stale"])
        }
    }

    @Test func anErasedEventIsNotForwarded() async throws {
        try await withService(.bridge) { service in
            try await service.store(Body.message("m1"))
            let deletion =
                Body.message("m1", secondsAgo: 0, type: "message.deleted").dropLast() + #","hard_delete":true}"#
            #expect(try await service.store(String(deletion)) == 0)
            try await service.perform()
            #expect(try await service.row().string("answer") == "not sent: the event is no longer kept")
            #expect(service.channel.delivered.isEmpty)
        }
    }

    // MARK: Outcomes

    @Test(arguments: [
        (DeliveryOutcome.giveUp(.init(code: "550", reason: "no")), "dead", "550: no"),
        (.delivered(answer: "202"), "done", "202"),
    ])
    func outcomesAreWrittenDown(_ outcome: DeliveryOutcome, _ state: String, _ answer: String) async throws {
        try await withService(.bridge) { service in
            service.channel.answer(outcome)
            try await service.store(Body.message("m1"))
            try await service.perform()
            let row = try await service.row()
            #expect(row.string("state") == state && row.string("answer") == answer)
        }
    }

    @Test func otherOutcomesAreTakenOverOneToOne() {
        let failure = DeliveryFailure(code: "451", reason: "later", mayHaveBeenDelivered: true)
        let text = "451: later; it may have been delivered"
        #expect(EffectOutcome(.retry(failure, wait: .seconds(7))) == .retry(reason: text, after: .seconds(7)))
        #expect(EffectOutcome(.misconfigured(failure)) == .misconfigured(reason: text))
        let limit = DeliveryFailure(code: "429", reason: "later")
        #expect(EffectOutcome(.retry(limit)) == .limited(reason: "429: later", after: nil))
    }

    // MARK: Erasure

    @Test func anErasureLeavesNothingOfWhatAUserWasTold() async throws {
        try await withService(.reminder) { service in
            try await service.store(Body.message("m1", secondsAgo: 9))
            #expect(try await service.row().string("lane") == "sam")
            try await blocking {
                var wishes = NotificationPreferences()
                wishes.set(.newOffer, false)
                try wishes.write(for: "sam", in: try service.history.opened(), at: NotifyingService.now())
            }
            let deletion = """
                {"type":"user.deleted","created_at":"\(NotifyingService.time(0))","user":{"id":"sam"},"hard_delete":true,\
                "mark_messages_deleted":true}
                """
            try await service.store(deletion)
            #expect(try await service.rows().isEmpty)
            try await blocking {
                let kept = try NotificationPreferences.read("sam", in: try service.history.opened())
                #expect(kept.wants(.newOffer))
            }
        }
    }
}
