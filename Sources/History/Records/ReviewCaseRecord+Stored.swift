package import Chat
package import MongoDB

/// Beside these fields a document holds those of ``ReviewDesk``.
extension ReviewCaseRecord: StoredRecord {
    package static let collection = Collection.reviewQueue
    package static func documentID(of key: Subject) -> String { key.id }
    package var key: Subject { subject }

    package var document: BSONDocument {
        var document = BSONDocument(capacity: 512)
        document.append("_id", subject.id)
        document.append("message_id", ifPresent: subject.messageID)
        document.append("user_id", ifPresent: author)
        document.append("cid", ifPresent: cid)
        document.append("place", ifPresent: place)
        // What only a decision at the provider is known of is remembered and in no list.
        if !sources.isEmpty {
            document.append("open", isOpen)
            document.append("rank", Int32(severity.rank))
            document.append("at", date: since)
            document.append("complaints", Int32(complaints))
        }
        document.append("labels", ifAny: labels)
        document.append("kinds", ifAny: Set(standing.map(\.kind.rawValue)).sorted())
        if !sources.isEmpty {
            document.append("sources") { (array: inout BSONArray) in
                for source in sources { array.append(document: source.append) }
            }
        }
        document.append("first", exact: firstAt)
        document.append("last", exact: lastAt)
        document.append("resolved", exact: toldResolved)
        document.append("decided", exact: decidedThrough)
        return document
    }

    package init?(_ document: BSONDocument) {
        guard let subject = document.string("_id").flatMap(Subject.init(id:)) else { return nil }
        self.init(subject)
        describe(cid: document.string("cid"), author: document.string("user_id"))
        for stored in document.array("sources") ?? [] {
            if let source = stored.document.flatMap(ReviewSource.init) { add(source) }
        }
        extend(
            from: document.exactTime("first"),
            to: document.exactTime("last"),
            resolvedThrough: document.exactTime("resolved")
        )
        extend(decidedThrough: document.exactTime("decided"))
    }
}

/// An item of the review queue as it is stored: what was said for looking at it, and what moderators do with it.
package struct StoredReview: Sendable, Equatable {
    package var record: ReviewCaseRecord
    package var desk: ReviewDesk

    package init?(_ document: BSONDocument) {
        guard let record = ReviewCaseRecord(document) else { return nil }
        (self.record, desk) = (record, ReviewDesk(document))
    }

    package init(_ record: ReviewCaseRecord, _ desk: ReviewDesk = ReviewDesk()) {
        (self.record, self.desk) = (record, desk)
    }

    package var document: BSONDocument {
        var document = record.document
        document.append(contentsOf: desk.document)
        return document
    }
}

extension ReviewSource {
    fileprivate func append(to document: inout BSONDocument) {
        document.append("kind", kind.rawValue)
        document.append("by", by)
        document.append("at", exact: time)
        document.append("reason", ifPresent: reason)
        document.append("severity", ifPresent: statedSeverity?.rawValue)
        document.append("labels", ifAny: labels)
        document.append("marked", exact: markedAt)
        document.append("v", stamp: stamp)
    }

    fileprivate init?(_ document: BSONDocument) {
        guard let kind = document.string("kind").flatMap(Kind.init), let by = document.string("by"),
            let stamp = document.stamp("v")
        else { return nil }
        self.init(
            kind,
            by: by,
            at: stamp,
            time: document.exactTime("at"),
            reason: document.string("reason"),
            labels: document.strings("labels"),
            severity: document.string("severity").flatMap(Severity.init)
        )
        markedAt = document.exactTime("marked")
    }
}
