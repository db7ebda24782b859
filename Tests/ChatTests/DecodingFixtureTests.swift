import Chat
import JSON
import Testing

struct DecodingFixtureTests {
    @Test(arguments: try DecodingFixture.valid())
    func decodesToWhatIsExpected(_ fixture: DecodingFixture) throws {
        let expected = try fixture.expected()
        let event = try fixture.decode()
        #expect(expected["status"]?.int64 == 200)
        #expect(event.type.rawValue == expected["type"]?.string)
        let decoded = try #require(expected["decoded"])
        #expect(decoded.fieldCount > 0)
        for (path, value) in decoded.object {
            #expect(DecodedPath.text(at: path, of: event) == DecodedPath.text(expected: value), "\(path)")
        }
    }

    @Test(arguments: try DecodingFixture.valid())
    func hasTheExpectedLane(_ fixture: DecodingFixture) throws {
        let expected = try fixture.expected()
        let envelope = StreamProvider().envelope(of: fixture.body, parser: JSONParser())
        #expect(envelope.type == expected["type"]?.string)
        #expect(envelope.lane == expected["lane"]?.string)
        #expect(envelope.isReadable)
        // What is decoded to a channel waits in that channel's lane.
        if let cid = try fixture.decode().cid { #expect(envelope.lane == cid) }
    }

    @Test(arguments: try DecodingFixture.deadLetters())
    func refusesWithTheExpectedReason(_ fixture: DecodingFixture) throws {
        let expected = try fixture.expected()
        let failure = try #require(throws: DecodingFailure.self) { try fixture.decode() }
        #expect(failure.kind == expected["deadLetter"]?.string)
        let envelope = StreamProvider().envelope(of: fixture.body, parser: JSONParser())
        #expect(envelope.type == expected["type"]?.string)
        #expect(envelope.lane == expected["lane"]?.string)
        #expect(envelope.isReadable == !envelope.type.isEmpty)
    }

    @Test func everyTypeOfTheContractHasAFixture() throws {
        let types = Set(try DecodingFixture.valid().compactMap { try $0.expected()["type"]?.string })
        let contract = Self.contract.split(whereSeparator: \.isWhitespace).map(String.init)
        #expect(contract.count == 76)
        #expect(contract.filter { !types.contains($0) } == [])
        #expect(types.contains { !$0.contains(".") }, "no fixture of the app's own events")
    }

    /// Every type that the provider sends by webhook; the 77th is `*`, which stands for the app's own events.
    private static let contract = """
        appeal.accepted appeal.created appeal.rejected campaign.completed campaign.started channel.created
        channel.deleted channel.frozen channel.hidden channel.max_streak_changed channel.muted channel.truncated
        channel.unfrozen channel.unmuted channel.updated channel.visible channel_batch_update.completed
        channel_batch_update.started export.bulk_image_moderation.error export.bulk_image_moderation.success
        export.channels.error export.channels.success export.moderation_logs.error
        export.moderation_logs.success export.review_queue.error export.review_queue.success export.users.error
        export.users.success flag.updated member.added member.removed member.updated message.deleted
        message.flagged message.new message.pending message.read message.unblocked message.undeleted
        message.updated moderation.analysis.failed moderation.custom_action moderation.flagged
        moderation.image_analysis.complete moderation.mark_reviewed moderation.text_analysis.complete
        moderation_check.completed moderation_rule.triggered notification.mark_unread notification.reminder_due
        notification.thread_message_new reaction.deleted reaction.new reaction.updated reminder.created
        reminder.deleted reminder.updated review_queue_item.new review_queue_item.updated thread.updated
        user.banned user.deactivated user.deleted user.flagged user.messages.deleted user.muted user.reactivated
        user.unbanned user.unmuted user.unread_message_reminder user.updated user_group.created
        user_group.deleted user_group.member_added user_group.member_removed user_group.updated
        """
}
