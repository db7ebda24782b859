import JSON

extension NewChannel {
    init(_ fields: StoredFields) throws(ProviderCallError) {
        cid = try fields.string("cid")
        createdBy = try fields.string("createdBy")
        name = try fields.optionalString("name")
        image = try fields.optionalString("image")
        team = try fields.optionalString("team")
        members = try fields.strings("members")
        custom = try fields.object("custom")
    }

    func write(to writer: inout JSONWriter) {
        writer.field("cid", cid)
        writer.field("createdBy", createdBy)
        writer.present("name", name)
        writer.present("image", image)
        writer.present("team", team)
        writer.present("members", members)
        writer.present("custom", custom)
    }
}

extension ChannelChange {
    init(_ fields: StoredFields) throws(ProviderCallError) {
        cid = try fields.string("cid")
        set = try fields.object("set")
        unset = try fields.strings("unset")
        by = try fields.optionalString("by")
    }

    func write(to writer: inout JSONWriter) {
        writer.field("cid", cid)
        writer.present("set", set)
        writer.present("unset", unset)
        writer.present("by", by)
    }
}

extension MembersChange {
    init(_ fields: StoredFields) throws(ProviderCallError) {
        cid = try fields.string("cid")
        userIDs = try fields.strings("users")
        by = try fields.optionalString("by")
        hidesHistory = try fields.flag("hidesHistory")
    }

    func write(to writer: inout JSONWriter) {
        writer.field("cid", cid)
        writer.field("users", userIDs)
        writer.present("by", by)
        writer.set("hidesHistory", if: hidesHistory)
    }
}

extension ChannelDeletion {
    init(_ fields: StoredFields) throws(ProviderCallError) {
        cid = try fields.string("cid")
        isHard = try fields.flag("hard")
    }

    func write(to writer: inout JSONWriter) {
        writer.field("cid", cid)
        writer.set("hard", if: isHard)
    }
}

extension ChannelRead {
    init(_ fields: StoredFields) throws(ProviderCallError) {
        cid = try fields.string("cid")
        by = try fields.string("by")
        messageID = try fields.optionalString("message")
    }

    func write(to writer: inout JSONWriter) {
        writer.field("cid", cid)
        writer.field("by", by)
        writer.present("message", messageID)
    }
}
