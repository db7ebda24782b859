package import Analytics
package import Chat

/// What becomes of an erased user's reactions and reads, and of records that name the user: they go over to the
/// pseudonym.
///
/// Pure.
package struct TraceErasure: Sendable {
    package let user: String
    package let pseudonym: String
    private let settings: FoldSettings

    package struct Change<Record: StoredRecord>: Sendable {
        package var changes: [(before: Record?, after: Record)] = []
        package var tallies: Tallies
    }

    package init(of user: String, settings: FoldSettings) {
        (self.user, self.settings) = (user, settings)
        pseudonym = Pseudonym.of(user, salt: settings.salt)
    }

    package func name(_ id: String) -> String { id == user ? pseudonym : id }

    /// - Parameters:
    ///   - reactions: those of the user, which are to be removed.
    ///   - known: records that the pseudonym has already.
    package func rename(
        _ reactions: [ReactionRecord],
        known: [ReactionRecord.Key: ReactionRecord]
    ) -> Change<ReactionRecord> {
        var result = Change<ReactionRecord>(tallies: Tallies(settings))
        for reaction in reactions {
            let renamed = reaction.renamed(userID: pseudonym)
            let before = known[renamed.key]
            var after = before ?? renamed
            after.merge(renamed)
            result.tallies.remove(reaction)
            result.tallies.add(before, after)
            result.changes.append((before, after))
        }
        return result
    }

    /// - Parameters:
    ///   - marks: those of the user, which are to be removed.
    ///   - known: records that the pseudonym has already.
    package func rename(_ marks: [ReadMark], known: [ReadMark.Key: ReadMark]) -> Change<ReadMark> {
        var result = Change<ReadMark>(tallies: Tallies(settings))
        for mark in marks {
            let renamed = mark.renamed(userID: pseudonym)
            let before = known[renamed.key]
            var after = before ?? renamed
            after.merge(renamed)
            result.tallies.remove(mark)
            result.tallies.add(before, after)
            result.changes.append((before, after))
        }
        return result
    }

    /// Those of the records that name the user, with the pseudonym in its place.
    package func rename<Record: StoredRecord & NamesUsers>(
        _ records: [Record]
    ) -> [(before: Record?, after: Record)] {
        records.compactMap { before in
            var after = before
            after.replaceUsers(name)
            return after == before ? nil : (before, after)
        }
    }
}
