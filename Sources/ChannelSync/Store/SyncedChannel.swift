package import Chat
import History
import JSON
import MongoDB

/// A channel of a business object as we keep it: what was asked for, and what we have had written at the provider.
package struct SyncedChannel: Sendable, Equatable {
    package let cid: String
    package let kind: String
    package let objectID: String
    /// Who creates it, and sends what names no sender.
    package internal(set) var creator: String
    /// `nil`: there shall be no such channel.
    package internal(set) var desired: ChannelContent?
    /// What effects that are performed have led to, or will; `nil`: nothing there is of our making.
    package internal(set) var sent: ChannelContent?
    /// The key of the effect that creates it, or did; `nil` before the first one that is performed, and once deleted.
    package internal(set) var creation: String?
    /// It was deleted with all its messages.
    package internal(set) var isHardDeleted = false
    /// Counts the changes, so that each has effects of its own.
    package internal(set) var version: Int64 = 0
    package internal(set) var createdAt: Timestamp
    package internal(set) var updatedAt: Timestamp

    package enum State: String, Sendable { case active, archived, deleted }

    package var state: State {
        guard let desired else { return .deleted }
        return desired.isArchived ? .archived : .active
    }

    /// Whether all that was asked for has been handed to effects that are performed.
    package var isSent: Bool { desired == sent }
}

extension SyncedChannel {
    init?(_ document: BSONDocument) {
        guard let cid = document.string("_id"), let kind = document.string("kind"),
            let objectID = document.string("object_id"), let version = document.int64("version"),
            let creator = document.string("created_by"), let createdAt = document.time("createdAt"),
            let updatedAt = document.time("updatedAt")
        else { return nil }
        (self.cid, self.kind, self.objectID, self.version) = (cid, kind, objectID, version)
        (self.creator, self.createdAt, self.updatedAt) = (creator, createdAt, updatedAt)
        creation = document.string("creation")
        isHardDeleted = document.bool("hard_deleted") ?? false
        desired = Self.content(document, "fields", "members")
        sent = document.bool("sent") == true ? desired : Self.content(document, "sent_fields", "sent_members")
    }

    /// The whole document, in place of what there was.
    ///
    /// Fields are kept as JSON text, so that no name can mean anything to MongoDB.
    var document: BSONDocument {
        var document = BSONDocument(capacity: 1_024)
        document.append("_id", cid)
        document.append("kind", kind)
        document.append("object_id", objectID)
        document.append("created_by", creator)
        document.append("version", version)
        document.append("createdAt", date: createdAt.milliseconds)
        document.append("updatedAt", date: updatedAt.milliseconds)
        document.append("creation", ifPresent: creation)
        if isHardDeleted { document.append("hard_deleted", true) }
        Self.append(desired, "fields", "members", to: &document)
        // Nearly always the same: then it is not kept twice.
        document.append("sent", isSent)
        if !isSent { Self.append(sent, "sent_fields", "sent_members", to: &document) }
        return document
    }

    private static func content(_ document: BSONDocument, _ fields: String, _ members: String) -> ChannelContent? {
        guard let text = document.string(fields), let json = try? JSONParser().parse(Array(text.utf8)) else {
            return nil
        }
        let pairs = json.object.map { ($0.key, $0.value.serialized()) }
        return ChannelContent(
            fields: Dictionary(pairs) { first, _ in first },
            members: (document.array(members) ?? []).compactMap(\.string)
        )
    }

    private static func append(
        _ content: ChannelContent?,
        _ fields: String,
        _ members: String,
        to document: inout BSONDocument
    ) {
        guard let content else { return }
        document.append(fields, content.fieldsJSON)
        document.append(members, content.members)
    }
}

extension ChannelContent {
    /// As one JSON object, sorted by name.
    package var fieldsJSON: String {
        var writer = JSONWriter(capacity: 256)
        writer.object { writer in
            for (name, json) in fields.sorted(by: { $0.key < $1.key }) { writer.field(name, raw: json) }
        }
        return writer.text
    }
}
