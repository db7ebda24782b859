package import Analytics
package import Chat

/// What becomes of an erased user's reactions, reads and mentions: they go over to the pseudonym.
///
/// Pure.
package struct TraceErasure: Sendable {
    package private(set) var reactions: [(before: ReactionRecord?, after: ReactionRecord)] = []
    package private(set) var marks: [(before: ReadMark?, after: ReadMark)] = []
    package private(set) var messages: [(before: MessageState?, after: MessageState)] = []
    package private(set) var tallies: Tallies

    /// - Parameters:
    ///   - reactions: those of the user, which are to be removed.
    ///   - marks: likewise.
    ///   - messages: those that may mention the user.
    ///   - known: records that the pseudonym has already.
    package init(
        of user: String,
        reactions: [ReactionRecord],
        marks: [ReadMark],
        messages: [MessageState],
        known: (reactions: [ReactionRecord.Key: ReactionRecord], marks: [ReadMark.Key: ReadMark]),
        settings: FoldSettings
    ) {
        let pseudonym = Pseudonym.of(user, salt: settings.salt)
        tallies = Tallies(weights: settings.weights)
        for reaction in reactions {
            let renamed = reaction.renamed(userID: pseudonym)
            let before = known.reactions[renamed.key]
            var after = before ?? renamed
            after.merge(renamed)
            tallies.remove(reaction)
            tallies.add(before, after)
            self.reactions.append((before, after))
        }
        for mark in marks {
            let renamed = mark.renamed(userID: pseudonym)
            let before = known.marks[renamed.key]
            var after = before ?? renamed
            after.merge(renamed)
            tallies.remove(mark)
            tallies.add(before, after)
            self.marks.append((before, after))
        }
        for before in messages {
            var after = before
            after.record.replaceUsers { $0 == user ? pseudonym : $0 }
            if after != before { self.messages.append((before, after)) }
        }
    }
}
