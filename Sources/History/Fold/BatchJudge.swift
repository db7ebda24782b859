package import Chat
package import MongoDB

/// Judges the new events of a batch: part of the fold, so that what is decided is stored with them.
package protocol BatchJudge: Sendable {
    /// What the rules come to, in the batch's snapshot.
    ///
    /// The same events in the same snapshot give the same answer, and may be asked about more than once. Blocking.
    func judge(_ batch: BatchToJudge, reading reader: borrowing some EntityReader) throws(MongoError) -> Judgement
}

/// What a judge is given.
package struct BatchToJudge {
    /// Those that were not in the log.
    package var events: [ReceivedEvent]
    /// Of the batch's channels, by `cid`.
    package var contexts: [String: BusinessContext]
    /// The batch's users and channels as it leaves them, by id and by `cid`.
    package var users: [String: UserRecord]
    package var channels: [String: ChannelRecord]
    /// Users and channels that were not known before the batch.
    package var newUsers: Set<String>
    package var newChannels: Set<String>
    /// Messages of which nothing at all was known before the batch.
    package var unknownMessages: Set<String>
    /// Messages that the batch is the first to tell of, as it leaves them.
    package var newMessages: [MessageState]
    /// All that the batch tells of, as it leaves them, by id.
    package var messages: [String: MessageState]
    /// Users of whose messages the batch changes which are deleted, and from when on.
    package var deletions: [String: Timestamp]
    /// Those of the batch's messages whose content is gone for ever.
    package var erasedMessages: Set<String>
    /// Of users who are erased.
    package var pseudonyms: Pseudonyms
    /// What others have written to the history, as a number that rises with it.
    package var epoch: Int64

    package init(
        events: [ReceivedEvent] = [],
        contexts: [String: BusinessContext] = [:],
        users: [String: UserRecord] = [:],
        channels: [String: ChannelRecord] = [:],
        newUsers: Set<String> = [],
        newChannels: Set<String> = [],
        unknownMessages: Set<String> = [],
        newMessages: [MessageState] = [],
        messages: [String: MessageState] = [:],
        deletions: [String: Timestamp] = [:],
        erasedMessages: Set<String> = [],
        pseudonyms: Pseudonyms = Pseudonyms(salt: []) { _ in false },
        epoch: Int64 = 0
    ) {
        (self.events, self.contexts, self.epoch) = (events, contexts, epoch)
        (self.users, self.channels, self.unknownMessages) = (users, channels, unknownMessages)
        (self.newUsers, self.newChannels, self.newMessages) = (newUsers, newChannels, newMessages)
        (self.messages, self.deletions) = (messages, deletions)
        (self.erasedMessages, self.pseudonyms) = (erasedMessages, pseudonyms)
    }
}

/// What a judge came to.
package struct Judgement: Sendable {
    /// Records that change, as they were and as they are now.
    package var decisions: [(before: DecisionRecord?, after: DecisionRecord)]
    /// Messages that are flagged.
    package var flags: [MessageRecord]
    /// What moderators are to look at.
    package var reviews: [ReviewCaseRecord]
    /// To be carried out.
    package var effects: [Effect]
    /// Messages that wait at the provider and are not to be let through.
    package var refusedPending: Set<String> = []

    package var isEmpty: Bool { decisions.isEmpty && flags.isEmpty && reviews.isEmpty && effects.isEmpty }

    package init(
        decisions: [(before: DecisionRecord?, after: DecisionRecord)] = [],
        flags: [MessageRecord] = [],
        reviews: [ReviewCaseRecord] = [],
        effects: [Effect] = []
    ) {
        (self.decisions, self.flags, self.reviews, self.effects) = (decisions, flags, reviews, effects)
    }
}
