import Crypto
import Foundation
import HTTPClient
import TestSupport
import Testing

/// A story told to the executable over HTTP is answered with the figures that were computed without it.
struct EndToEndTests {
    @Test func theConversationIsAnsweredWithItsTrueFigures() async throws {
        let figures = try ConversationFigures.read()
        let service = try ServiceUnderTest(mongoURI: try sharedMongoURI())
        try await service.start()
        try await tell(service, "--shuffle", "7", "--duplicate", "10")
        let answers = StoredAnswers(of: service)
        try await expectAnalytics(figures, answers)
        try await expectMessages(figures, answers)
        try await expectCounters(figures, answers)
        try await expectLog(of: service, holds: figures.events)

        try await tell(service, "--shuffle", "8", "--duplicate", "30")
        try await answers.expectUnchanged("told again")
        try await expectLog(of: service, holds: figures.events)

        #expect(await service.stop() == 0)
        try await service.start()
        try await service.reports(mongoDB: "up")
        try await answers.expectUnchanged("started again")
        #expect(await service.stop() == 0)
        try await service.dropDatabase()
    }

    @Test func theReferenceBodyIsStored() async throws {
        let service = try ServiceUnderTest(mongoURI: try sharedMongoURI())
        try await service.start()
        let body = Array(
            """
            {"type":"message.new","message":{"id":"test_msg_123","text":"Test message","user":{"id":"user_123"}},\
            "channel_id":"test_channel","channel_type":"messaging"}
            """.utf8
        )
        let signature = Hex.encode(HMACSHA256(key: ServiceUnderTest.secret).sign(body))
        let answer = try await service.deliver(body, headers: ["X-Signature": signature])
        #expect(answer.status == 200)
        try await service.drained()
        let answers = StoredAnswers(of: service)
        let message: AnsweredMessage = try await answers.get("\(StoredAnswers.messages)/test_msg_123")
        #expect(message.text == "Test message")
        #expect(message.sender?.id == "user_123")
        #expect(message.cid == "messaging:test_channel")
        let sent = try await answers.walk("\(StoredAnswers.messages)/user/user_123", pageSize: 50)
        #expect(sent.map(\.id) == ["test_msg_123"])
        #expect(await service.stop() == 0)
        try await service.dropDatabase()
    }

    @Test func aDatabaseThatLostItsIndexesIsMendedNotBlamedOnEvents() async throws {
        let service = try ServiceUnderTest(mongoURI: try sharedMongoURI())
        try await service.start()
        try await service.reports(mongoDB: "up")
        try await service.dropUserIndexes()
        try await tell(service)
        #expect(try await service.deadLetters().isEmpty)
        #expect(try await service.storedEvents().count == ConversationFigures.read().events)
        let indexes = try await service.command("indexes")
        _ = await indexes.wholeErrorOutput()
        #expect(await indexes.wait() == 0)
        #expect(await service.stop() == 0)
        try await service.dropDatabase()
    }

    /// Levels of figures are kept for a time of their own; the messages stay.
    @Test func figuresPastTheirRetentionAreRefused() async throws {
        let figures = try ConversationFigures.read()
        let service = try ServiceUnderTest(
            mongoURI: try sharedMongoURI(),
            settings: ["FIGURES_ANSWERS_RETENTION_DAYS": "1"]
        )
        try await service.start()
        try await tell(service)
        let range = "from=\(figures.range.startDate)&to=\(figures.range.endDate)"
        try await service.eventually {
            let answer = try await service.send("GET", "/api/v1/analytics/reply-time?\(range)")
            guard answer.status == 400 else { return false }
            return String(decoding: answer.body, as: UTF8.self).contains("figures of answers are kept from then on")
        }
        #expect(try await service.send("GET", "/api/v1/analytics/messages?\(range)").status == 200)
        try await expectMessages(figures, StoredAnswers(of: service))
        #expect(await service.stop() == 0)
        try await service.dropDatabase()
    }

    /// Replays the conversation and waits until it is stored.
    private func tell(_ service: ServiceUnderTest, _ options: String...) async throws {
        let replay = try await service.replay([ConversationFigures.folder.path] + options)
        let complaints = await replay.wholeErrorOutput()
        #expect(await replay.wait() == 0, "\(complaints)")
        try await service.drained()
    }

    // MARK: Figures

    private func expectAnalytics(_ figures: ConversationFigures, _ answers: StoredAnswers) async throws {
        try #require(figures.days.count == 9 && figures.all.count == 3 && figures.listings.count == 3)
        for (zone, expected) in figures.all { try await expect(expected, figures, zone, nil, answers) }
        for (listing, zones) in figures.listings {
            for (zone, expected) in zones { try await expect(expected, figures, zone, listing, answers) }
        }
    }

    private func expect(
        _ expected: MessageFigures,
        _ figures: ConversationFigures,
        _ zone: String,
        _ listing: String?,
        _ answers: StoredAnswers
    ) async throws {
        let base = "\(StoredAnswers.analytics)?timeZone=\(zone)\(listing.map { "&listingId=\($0)" } ?? "")"
        let (first, last) = (figures.range.startDate, figures.range.endDate)
        let answer: MessageFigures = try await answers.get("\(base)&startDate=\(first)&endDate=\(last)")
        #expect(answer.total == expected.total, "\(base)")
        #expect(answer.users == expected.users, "\(base)")
        #expect(answer.types == expected.types, "\(base)")
        #expect(answer.peakHours == expected.peakHours, "\(base)")
        #expect(abs(answer.perDay - expected.perDay) <= 0.005, "\(base): \(answer.perDay)")
        for day in figures.days {
            let ofDay: MessageFigures = try await answers.get("\(base)&startDate=\(day)&endDate=\(day)")
            #expect(ofDay.total == expected.days?[day] ?? 0, "\(base), \(day)")
        }
    }

    // MARK: Messages

    private func expectMessages(_ figures: ConversationFigures, _ answers: StoredAnswers) async throws {
        let all = try await answers.walk("\(StoredAnswers.messages)?deleted=include", pageSize: 7)
        try await expect(all, figures, figures.all, answers, at: StoredAnswers.messages)
        #expect(all.count { $0.listing == nil } == figures.withoutListing)
        for (listing, expected) in figures.listings {
            let path = "\(StoredAnswers.messages)/listing/\(listing)"
            let messages = try await answers.walk("\(path)?deleted=include", pageSize: 7)
            #expect(messages.allSatisfy { $0.listing == listing })
            try await expect(messages, figures, expected, answers, at: path)
        }
        #expect(Set(all.filter(\.isFlagged).map(\.id)) == Set(figures.flagged))
        try await expectDetails(of: all, figures, answers)
    }

    /// Messages walked to, deleted ones included, against figures by time zone.
    private func expect(
        _ messages: [AnsweredMessage],
        _ figures: ConversationFigures,
        _ expected: [String: MessageFigures],
        _ answers: StoredAnswers,
        at path: String
    ) async throws {
        for (zone, expected) in expected {
            #expect(messages.count == expected.total, "\(path)")
            #expect(Set(messages.compactMap(\.sender?.id)).count == expected.users, "\(path)")
            let hours = try Dictionary(grouping: messages) { "\(try $0.hour(in: zone))" }.mapValues(\.count)
            #expect(hours == expected.hours, "\(path) in \(zone)")
        }
        let kept = try await answers.walk(path, pageSize: 200)
        #expect(Set(kept.map(\.id)) == Set(messages.map(\.id)).subtracting(figures.deleted.keys), "\(path)")
    }

    private func expectDetails(
        of messages: [AnsweredMessage],
        _ figures: ConversationFigures,
        _ answers: StoredAnswers
    ) async throws {
        var reactions: [String: Int] = [:]
        var edited: Set<String> = []
        for id in messages.map(\.id) {
            let message: AnsweredMessage = try await answers.get("\(StoredAnswers.messages)/\(id)")
            for reaction in message.reactions ?? [] { reactions[reaction.type, default: 0] += 1 }
            if message.edits?.isEmpty == false { edited.insert(id) }
            #expect((message.deletedAt != nil) == (figures.deleted[id] != nil), "\(id)")
            #expect((message.isErased == true) == (figures.deleted[id] == "hard"), "\(id)")
            #expect((message.text == nil) == (message.isErased == true), "\(id)")
        }
        #expect(reactions == figures.reactionsStanding)
        #expect(edited == Set(figures.edited))
    }

    // MARK: Counters

    private struct Counters: Decodable {
        let messageCount: Int
        let sent: Int?
        let reactions: Int?
        let reads: Int?
        let score: Int?
        enum CodingKeys: String, CodingKey {
            case messageCount = "message_count", sent = "total_messages_sent", reactions = "total_reactions"
            case reads = "total_reads", score = "engagement_score"
        }
    }

    private func expectCounters(_ figures: ConversationFigures, _ answers: StoredAnswers) async throws {
        for (id, expected) in figures.users {
            let user: Counters = try await answers.get("/api/v1/users/\(id)")
            #expect(user.messageCount == expected.messages, "\(id)")
            #expect(user.sent == expected.messages, "\(id)")
            #expect(user.reactions == expected.reactions, "\(id)")
            #expect(user.reads == expected.reads, "\(id)")
            #expect(user.score == expected.score, "\(id)")
        }
        for (cid, expected) in figures.channels {
            let channel: Counters = try await answers.get("/api/v1/channels/\(cid)")
            #expect(channel.messageCount == expected, "\(cid)")
        }
        for (id, expected) in figures.listings {
            let listing: Counters = try await answers.get("/api/v1/listings/\(id)")
            #expect(listing.messageCount == expected["UTC"]?.total, "\(id)")
        }
    }

    private func expectLog(of service: ServiceUnderTest, holds count: Int) async throws {
        let ids = try await service.storedEvents()
        #expect(ids.count == count && Set(ids).count == count)
    }
}
