import JSON

extension UserBan {
    init(_ fields: StoredFields) throws(ProviderCallError) {
        target = try fields.string("target")
        by = try fields.string("by")
        cid = try fields.optionalString("cid")
        isShadow = try fields.flag("shadow")
        until = try fields.time("until")
        reason = try fields.optionalString("reason")
    }

    func write(to writer: inout JSONWriter) {
        writer.field("target", target)
        writer.field("by", by)
        writer.present("cid", cid)
        writer.set("shadow", if: isShadow)
        writer.present("until", nanoseconds: until)
        writer.present("reason", reason)
    }
}

extension UserUnban {
    init(_ fields: StoredFields) throws(ProviderCallError) {
        target = try fields.string("target")
        cid = try fields.optionalString("cid")
        isShadow = try fields.flag("shadow")
    }

    func write(to writer: inout JSONWriter) {
        writer.field("target", target)
        writer.present("cid", cid)
        writer.set("shadow", if: isShadow)
    }
}

extension UserMute {
    init(_ fields: StoredFields) throws(ProviderCallError) {
        target = try fields.string("target")
        by = try fields.string("by")
        until = try fields.time("until")
    }

    func write(to writer: inout JSONWriter) {
        writer.field("target", target)
        writer.field("by", by)
        writer.present("until", nanoseconds: until)
    }
}

extension UserUnmute {
    init(_ fields: StoredFields) throws(ProviderCallError) {
        target = try fields.string("target")
        by = try fields.string("by")
    }

    func write(to writer: inout JSONWriter) {
        writer.field("target", target)
        writer.field("by", by)
    }
}

extension MessageFlag {
    init(_ fields: StoredFields) throws(ProviderCallError) {
        cid = try fields.string("cid")
        id = try fields.string("id")
        by = try fields.string("by")
        reason = try fields.optionalString("reason")
        custom = try fields.object("custom")
    }

    func write(to writer: inout JSONWriter) {
        writer.field("cid", cid)
        writer.field("id", id)
        writer.field("by", by)
        writer.present("reason", reason)
        writer.present("custom", custom)
    }
}

extension ReviewedItem {
    init(_ fields: StoredFields) throws(ProviderCallError) {
        item = try fields.string("item")
        by = try fields.string("by")
        cid = try fields.optionalString("cid")
        user = try fields.optionalString("user")
    }

    func write(to writer: inout JSONWriter) {
        writer.field("item", item)
        writer.field("by", by)
        writer.present("cid", cid)
        writer.present("user", user)
    }
}
