import JSON

extension UserProfile {
    init(_ fields: StoredFields) throws(ProviderCallError) {
        id = try fields.string("id")
        name = try fields.optionalString("name")
        image = try fields.optionalString("image")
        role = try fields.optionalString("role")
        language = try fields.optionalString("language")
        teams = try fields.strings("teams")
        custom = try fields.object("custom")
    }

    func write(to writer: inout JSONWriter) {
        writer.field("id", id)
        writer.present("name", name)
        writer.present("image", image)
        writer.present("role", role)
        writer.present("language", language)
        writer.present("teams", teams)
        writer.present("custom", custom)
    }
}

extension UserChange {
    init(_ fields: StoredFields) throws(ProviderCallError) {
        id = try fields.string("id")
        set = try fields.object("set")
        unset = try fields.strings("unset")
    }

    func write(to writer: inout JSONWriter) {
        writer.field("id", id)
        writer.present("set", set)
        writer.present("unset", unset)
    }
}

extension UserDeactivation {
    init(_ fields: StoredFields) throws(ProviderCallError) {
        id = try fields.string("id")
        by = try fields.optionalString("by")
        deletesMessages = try fields.flag("deletesMessages")
    }

    func write(to writer: inout JSONWriter) {
        writer.field("id", id)
        writer.present("by", by)
        writer.set("deletesMessages", if: deletesMessages)
    }
}

extension UserReactivation {
    init(_ fields: StoredFields) throws(ProviderCallError) {
        id = try fields.string("id")
        by = try fields.optionalString("by")
        name = try fields.optionalString("name")
        restoresMessages = try fields.flag("restoresMessages")
    }

    func write(to writer: inout JSONWriter) {
        writer.field("id", id)
        writer.present("by", by)
        writer.present("name", name)
        writer.set("restoresMessages", if: restoresMessages)
    }
}

extension UserDeletion {
    init(_ fields: StoredFields) throws(ProviderCallError) {
        ids = try fields.strings("ids")
        users = try fields.present("users", try fields.choice("users"))
        messages = try fields.choice("messages")
        conversations = try fields.choice("conversations")
        newChannelOwner = try fields.optionalString("newChannelOwner")
    }

    func write(to writer: inout JSONWriter) {
        writer.field("ids", ids)
        writer.field("users", users.rawValue)
        writer.present("messages", messages?.rawValue)
        writer.present("conversations", conversations?.rawValue)
        writer.present("newChannelOwner", newChannelOwner)
    }
}
