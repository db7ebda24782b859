import Chat
package import JSON
package import Limits

extension ChannelTemplate {
    /// The channel that an object asks for.
    ///
    /// - Parameters:
    ///   - id: the object's.
    ///   - creator: for an object that names nobody.
    /// - Throws: ``ChannelObjectFault`` naming the first field that cannot be used.
    package func channel(
        id objectID: String,
        _ json: JSONValue,
        creator: String?,
        limits: Limits.Channels
    ) throws(ChannelObjectFault) -> DesiredChannel {
        let object = try ObjectFields(json, id: objectID, limits: limits)
        guard let creator = try object.identifier(createdBy) ?? creator else {
            throw ChannelObjectFault(createdBy.first, "the user who creates the channel; CHANNEL_CREATOR can name one")
        }
        return DesiredChannel(
            kind: kind,
            objectID: objectID,
            cid: "\(type):\(try channelID(object))",
            creator: creator,
            content: ChannelContent(fields: try fields(object), members: try object.users(members))
        )
    }

    private func channelID(_ object: ObjectFields) throws(ChannelObjectFault) -> String {
        var result = ""
        for part in id.parts {
            switch part {
            case .literal(let text): result += text
            case .field(let names):
                guard let value = try object.identifier(names) else {
                    throw ChannelObjectFault(names.first, "given: the channel's id is \(id)")
                }
                guard ChannelIDPattern.isAllowed(value) else {
                    throw ChannelObjectFault(
                        names.first,
                        "letters, digits and @ _ - ! . since the channel's id is \(id)"
                    )
                }
                result += value
            }
        }
        guard result.utf8.count <= object.limits.identifierBytes else {
            throw ChannelObjectFault(
                nil,
                "one whose channel id (\(id)) has at most \(object.limits.identifierBytes) bytes"
            )
        }
        return result
    }

    private func fields(_ object: ObjectFields) throws(ChannelObjectFault) -> [String: String] {
        var fields = try custom(object)
        for (kind, names) in context {
            guard let value = try object.identifier(names) else { continue }
            let text = JSONWriter.quoted(value)
            // Two fields that tell of one listing must not tell of two.
            if object.present(kind.field) != nil, try object.identifier([kind.field]) != value {
                throw ChannelObjectFault(kind.field, "what \(names.first ?? "") is, or left out")
            }
            fields[kind.field] = text
        }
        let size = fields.reduce(2) { $0 + $1.key.utf8.count + $1.value.utf8.count + 4 }
        guard fields.count <= object.limits.customFields, size <= object.limits.customBytes else {
            let allowed =
                "at most \(object.limits.customFields) fields of custom data and \(object.limits.customBytes) bytes"
            throw ChannelObjectFault(nil, "an object of \(allowed)")
        }
        let texts = [
            ("name", try object.text(name, bytes: object.limits.nameBytes)),
            ("image", try object.text(image, bytes: object.limits.imageBytes)),
            ("team", try object.text(team, bytes: object.limits.identifierBytes)),
        ]
        for (name, text) in texts { if let text { fields[name] = JSONWriter.quoted(text) } }
        return fields
    }

    private func custom(_ object: ObjectFields) throws(ChannelObjectFault) -> [String: String] {
        let used = Set(name + image + team + createdBy + members + [ChannelIDPattern.idField])
        var result: [String: String] = [:]
        for (field, value) in object.json.object where !value.isNull {
            switch custom {
            case .others: guard !used.contains(field) else { continue }
            case .only(let names): guard names.contains(field) else { continue }
            }
            try check(field, object.limits)
            result[field] = value.serialized()
        }
        return result
    }

    private func check(_ field: String, _ limits: Limits.Channels) throws(ChannelObjectFault) {
        guard 1...limits.fieldNameBytes ~= field.utf8.count, !field.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F })
        else {
            let allowed = "named in 1 to \(limits.fieldNameBytes) bytes without control characters"
            throw ChannelObjectFault(field, allowed)
        }
        guard !StreamProvider.defines(field, of: .channel), field != ChannelContent.archivedField else {
            throw ChannelObjectFault(field, "left out or named otherwise: the name is the channel's own")
        }
    }
}

extension JSONWriter {
    static func quoted(_ text: String) -> String {
        var writer = JSONWriter(capacity: text.utf8.count + 2)
        writer.string(text)
        return writer.text
    }
}
