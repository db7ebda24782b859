package import JSON
import Limits

/// What the queue must know of an event.
package struct Envelope: Sendable, Equatable {
    package var type: String
    /// Events of one lane are worked on in the order of their arrival: the channel's `cid`, else the user's id, else
    /// the type.
    package var lane: String
    /// It has a type and identifiers that can be stored, so decoding is worth trying.
    package var isReadable: Bool

    package init(type: String, lane: String, isReadable: Bool) {
        (self.type, self.lane, self.isReadable) = (type, lane, isReadable)
    }

    package static let unreadable = Envelope(type: "", lane: "unreadable", isReadable: false)
}

extension StreamProvider {
    /// Enough of the JSON to know type and lane; what cannot be read is ``Envelope/unreadable``.
    package func envelope(of body: [UInt8], parser: JSONParser) -> Envelope {
        do throws(DecodingFailure) {
            let fields = try fields(of: body, parser: parser)
            let type = try Self.type(of: fields, limits: options.limits)
            return Envelope(type: type, lane: try Self.lane(of: fields) ?? type, isReadable: true)
        } catch {
            return .unreadable
        }
    }

    static func type(of fields: StreamFields, limits: Limits.Worker) throws(DecodingFailure) -> String {
        guard let type = fields.value["type"]?.string, !type.isEmpty, type.utf8.count <= limits.identifierBytes else {
            throw .missingType
        }
        return type
    }

    private static func lane(of fields: StreamFields) throws(DecodingFailure) -> String? {
        try cid(of: fields)
            .or(try mutedCIDs(of: fields).first)
            .or(try fields.object("user")?.identifier("id"))
            .or(try fields.identifier("user_id"))
    }

    /// The event's channel: stated as a whole, in two parts, or only by what the event carries.
    static func cid(of fields: StreamFields) throws(DecodingFailure) -> String? {
        if let cid = try cid(of: fields, type: "channel_type", id: "channel_id") { return cid }
        if let channel = fields.object("channel"), let cid = try cid(of: channel, type: "type", id: "id") { return cid }
        if let cid = try fields.object("message", or: "Message")?.identifier("cid") { return cid }
        return try fields.object("thread")?.identifier("channel_cid")
    }

    static func cid(
        of fields: StreamFields,
        type typeField: String,
        id idField: String
    ) throws(DecodingFailure) -> String? {
        if let cid = try fields.identifier("cid") { return cid }
        guard let type = fields.string(typeField), let id = fields.string(idField), !type.isEmpty, !id.isEmpty else {
            return nil
        }
        return try fields.checked("\(type):\(id)", idField)
    }
}
