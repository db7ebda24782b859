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

/// Who is reminded of what is unread, and what makes that needless.
struct ReminderTests {
    @Test func aReplyShownInTheChannelIsToBeReadThere() async throws {
        try await withService(.reminder) { service in
            try await service.tell("user", "sam", ["email": .string("sam@example.com")])
            let reply = #","parent_id":"m0","show_in_channel":true"#
            try await service.store(Body.message("r1", secondsAgo: 9, reply))
            try await service.makeDue()
            try await service.perform()
            #expect(service.channel.delivered.first?.content?.text.contains("Unread messages: 1") == true)
        }
    }

    @Test func whoHasNotReadIsRemindedOnce() async throws {
        try await withService(.reminder) { service in
            try await service.tell("user", "sam", ["email": .string("sam@example.com")])
            #expect(try await service.store(Body.message("m1", secondsAgo: 9)) == 1)
            #expect(try await service.store(Body.message("m2", secondsAgo: 8)) == 0)
            #expect(try await service.row().string("state") == "scheduled")
            // Neither of these is for the user to read.
            try await service.store(Body.message("m0", secondsAgo: 7, #","shadowed":true"#))
            try await service.store(Body.message("t1", secondsAgo: 7, #","parent_id":"m1""#))
            try await service.makeDue()
            try await service.perform()
            #expect(service.channel.delivered.map(\.content?.subject) == ["Bea B has written to you"])
            #expect(service.channel.delivered.first?.content?.text.contains("Unread messages: 2") == true)
            // The next message begins anew, in the same row.
            #expect(try await service.store(Body.message("m3", secondsAgo: 2)) == 0)
            let row = try await service.row()
            #expect(row.string("state") == "scheduled" && row.string("answer") == nil && row.string("payload") != nil)
            let timeline = (row.array("timeline") ?? []).compactMap { $0.document?.string("what") }
            #expect(timeline == ["written", "promoted", "started", "done", "written"])
        }
    }

    @Test func readingCancels() async throws {
        try await withService(.reminder) { service in
            try await service.store(Body.message("m1", secondsAgo: 9))
            try await service.store(Body.read(by: "someone"))
            #expect(try await service.row().string("state") == "scheduled")
            try await service.store(Body.read(by: "sam"))
            let row = try await service.row()
            #expect(row.string("state") == "cancelled" && row.date("due") == nil)
            try await service.makeDue()
            try await service.perform()
            #expect(service.channel.delivered.isEmpty)
        }
    }

    @Test func answeringCancels() async throws {
        try await withService(.reminder) { service in
            try await service.store(Body.message("m1", secondsAgo: 9))
            try await service.store(Body.message("m2", by: "sam", secondsAgo: 2))
            let states = try await service.rows().map { "\($0.string("lane") ?? "") \($0.string("state") ?? "")" }
            #expect(states.sorted() == ["bea scheduled", "sam cancelled"])
        }
    }

    @Test func whatWasReadBeforeItWasWrittenHereIsNotTold() async throws {
        try await withService(.reminder) { service in
            try await service.store(Body.read(by: "sam"))
            try await service.store(Body.message("m1", secondsAgo: 9))
            try await service.makeDue()
            try await service.perform()
            #expect(try await service.row().string("answer") == "not sent: it was read meanwhile")
        }
    }

    @Test func aReadThatCameLateLeavesWhatWasWrittenSince() async throws {
        try await withService(.reminder) { service in
            try await service.store(Body.message("m1", secondsAgo: 9))
            try await service.store(Body.message("m2", secondsAgo: 1))
            let late = Body.read(by: "sam").replacing(NotifyingService.time(0).prefix(16), with: "2020-01-01T00:00")
            try await service.store(late)
            #expect(try await service.row().string("state") == "scheduled")
        }
    }

    @Test func aMessageThatCameTooLateForAReminderGetsOneOfItsOwn() async throws {
        try await withService(.reminder) { service in
            try await service.store(Body.message("m1", secondsAgo: 9))
            try await service.makeDue()
            try await service.expire()
            try await service.store(Body.message("m2", secondsAgo: 1))
            try await service.perform()
            let row = try await service.row()
            #expect(row.string("state") == "scheduled" && row.date("due") != nil && row.date("finished") == nil)
            #expect(row.string("payload")?.contains(#""message":"m2""#) == true && row.document("next") == nil)
            let timeline = (row.array("timeline") ?? []).compactMap { $0.document?.string("what") }
            #expect(timeline == ["written", "promoted", "started", "stale", "written"])
            // Which is cancelled as any other.
            try await service.store(Body.read(by: "sam"))
            #expect(try await service.row().string("state") == "cancelled")
        }
    }

    @Test(arguments: [(TimelineEntry.What.alreadyDone, "scheduled"), (.done, "done")])
    func aMessageDuringTheAttempt(_ what: TimelineEntry.What, _ expected: String) async throws {
        try await withService(.reminder) { service in
            try await service.store(Body.message("m1", secondsAgo: 9))
            try await service.makeDue()
            let (outbox, begun) = try await blocking {
                let outbox = OutboxStore(try service.history.opened(), limits: service.limits.outbox)
                let rows = try outbox.open(.email, shards: Array(0..<Shard.count), from: .min).rows
                let tokens = Dictionary(uniqueKeysWithValues: rows.map { ($0.shard, Int64(7)) })
                _ = try outbox.move([], begin: rows, tokens: tokens, node: "a", at: NotifyingService.now())
                return (outbox, rows.map { $0.begun(7) })
            }
            #expect(begun.count == 1)
            try await service.store(Body.message("m2", secondsAgo: 1))
            try await blocking {
                let now = NotifyingService.now()
                let ended = begun.map {
                    OutboxStore.Conclusion(row: $0, state: .done, entry: .init(at: now, what: what, detail: "250"))
                }
                _ = try outbox.move(ended, begin: [], tokens: [:], node: "a", at: now)
            }
            let row = try await service.row()
            #expect(row.string("state") == expected && row.document("next") == nil)
        }
    }

    @Test func membersAreRemindedWhereNoPartyIsKnown() async throws {
        try await withService(.reminder) { service in
            for user in ["bea", "sam", "eve"] {
                try await service.tell("user", user, ["email": .string("\(user)@example.com")])
                try await service.store(Body.member(user, of: "messaging:x"))
            }
            try await service.store(Body.message("m1", in: "messaging:x", secondsAgo: 3))
            try await service.store(Body.read(by: "eve", in: "messaging:x"))
            try await service.makeDue()
            try await service.perform()
            #expect(service.channel.delivered.map(\.recipient?.email) == ["sam@example.com"])
            let answers = try await service.rows().compactMap { $0.string("answer") }
            #expect(answers.sorted() == ["1 members are reminded", "250"])
        }
    }

    @Test func manyMembersAreNotReminded() async throws {
        var limits = Limits.forTests
        limits.notifications.reminderMembers = 2
        try await withService(.reminder, limits: limits) { service in
            for user in ["bea", "sam", "eve"] { try await service.store(Body.member(user, of: "messaging:x")) }
            try await service.store(Body.message("m1", in: "messaging:x", secondsAgo: 3))
            try await service.makeDue()
            try await service.perform()
            #expect(try await service.row().string("answer") == "not sent: the channel has more than 2 members")
        }
    }
}
