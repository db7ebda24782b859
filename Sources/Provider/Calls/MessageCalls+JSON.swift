import JSON

extension NewMessage {
    init(_ fields: StoredFields) throws(ProviderCallError) {
        cid = try fields.string("cid")
        id = try fields.string("id")
        sender = try fields.string("sender")
        text = try fields.string("text")
        kind = try fields.choice("kind") ?? .regular
        parentID = try fields.optionalString("parent")
        showInChannel = try fields.flag("showInChannel")
        quotedMessageID = try fields.optionalString("quoted")
        mentionedUserIDs = try fields.strings("mentioned")
        attachments = try fields.attachments("attachments")
        custom = try fields.object("custom")
        isSilent = try fields.flag("silent")
        skipsPush = try fields.flag("skipsPush")
        visibleTo = try fields.strings("visibleTo")
    }

    func write(to writer: inout JSONWriter) {
        writer.field("cid", cid)
        writer.field("id", id)
        writer.field("sender", sender)
        writer.field("text", text)
        if kind != .regular { writer.field("kind", kind.rawValue) }
        writer.present("parent", parentID)
        writer.set("showInChannel", if: showInChannel)
        writer.present("quoted", quotedMessageID)
        writer.present("mentioned", mentionedUserIDs)
        writer.present("attachments", attachments)
        writer.present("custom", custom)
        writer.set("silent", if: isSilent)
        writer.set("skipsPush", if: skipsPush)
        writer.present("visibleTo", visibleTo)
    }
}

extension MessageChange {
    init(_ fields: StoredFields) throws(ProviderCallError) {
        cid = try fields.string("cid")
        id = try fields.string("id")
        set = try fields.object("set")
        unset = try fields.strings("unset")
        by = try fields.string("by")
    }

    func write(to writer: inout JSONWriter) {
        writer.field("cid", cid)
        writer.field("id", id)
        writer.present("set", set)
        writer.present("unset", unset)
        writer.field("by", by)
    }
}

extension MessagePin {
    init(_ fields: StoredFields) throws(ProviderCallError) {
        cid = try fields.string("cid")
        id = try fields.string("id")
        by = try fields.string("by")
        until = try fields.time("until")
    }

    func write(to writer: inout JSONWriter) {
        writer.field("cid", cid)
        writer.field("id", id)
        writer.field("by", by)
        writer.present("until", nanoseconds: until)
    }
}

extension MessageReference {
    init(_ fields: StoredFields) throws(ProviderCallError) {
        cid = try fields.string("cid")
        id = try fields.string("id")
        by = try fields.string("by")
    }

    func write(to writer: inout JSONWriter) {
        writer.field("cid", cid)
        writer.field("id", id)
        writer.field("by", by)
    }
}

extension MessageDeletion {
    init(_ fields: StoredFields) throws(ProviderCallError) {
        cid = try fields.string("cid")
        id = try fields.string("id")
        isHard = try fields.flag("hard")
        by = try fields.optionalString("by")
    }

    func write(to writer: inout JSONWriter) {
        writer.field("cid", cid)
        writer.field("id", id)
        writer.set("hard", if: isHard)
        writer.present("by", by)
    }
}
