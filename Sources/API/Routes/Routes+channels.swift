import ChannelSync
import Chat
import Crypto
import HTTPServer
import History
import JSON
import Limits
import MongoDB
import Outbox

extension Routes {
    /// The app's business objects as channels.
    static func channels(_ services: APIServices, _ database: Database) -> [Route] {
        let parameters = ChannelParameters(services)
        return [show(services, database, parameters), put(services, database, parameters)]
            + changes(services, database, parameters)
            + [message(services, database, parameters)]
    }

    // MARK: Routes

    private static func show(
        _ services: APIServices,
        _ database: Database,
        _ parameters: ChannelParameters
    ) -> Route {
        let (kind, id, channel) = (parameters.kind, parameters.id, parameters.channel)
        let (after, limit) = (parameters.after, services.limits.channels.listed)
        return Route(
            "GET",
            path,
            access: .readers,
            answers: .channelsOfObject,
            "The channels of a business object: what was asked for, and what was last done for it.",
            [kind, id, channel, after]
        ) { request in
            let (kind, id, cid, after) = (request[kind], request[id], request[channel], request[after])
            let page = try await database.run { (queries) throws(MongoError) in
                let store = services.channelStore(queries)
                let found = try store.channels(kind: kind, objectID: id, cid: cid, after: after, limit: limit + 1)
                return try found.prefix(limit).map { channel throws(MongoError) in
                    (channel, try services.latestEffects(of: channel, queries))
                } + found.dropFirst(limit).map { ($0, []) }
            }
            guard !page.isEmpty else { throw Problem.notFound("channel of this object") }
            return .json { writer in
                writer.field("kind", kind)
                writer.field("object_id", id)
                writer.field("data") {
                    $0.array { for (channel, effects) in page.prefix(limit) { write(channel, effects, to: &$0) } }
                }
                writer.field("next", page.count > limit ? page[limit - 1].0.cid : nil)
            }
        }
    }

    private static func put(
        _ services: APIServices,
        _ database: Database,
        _ parameters: ChannelParameters
    ) -> Route {
        let (kind, id, again) = (parameters.kind, parameters.id, parameters.again)
        return Route(
            "PUT",
            path,
            access: .channelWriters,
            answers: .channelPut,
            "Has a business object's channel created or brought up to date at the provider.",
            [kind, id, again],
            bodyBytes: services.limits.channels.objectBytes
        ) { request in
            let desired = try desired(request[kind], request[id], request.body, services)
            let change = ChannelRequest.put(desired, again: request[again])
            return try await apply(change, to: desired.cid, request, services, database)
        }.audited("channel.put", .before) { .init("channel", parameters.joined($0)) }
    }

    private static func changes(
        _ services: APIServices,
        _ database: Database,
        _ parameters: ChannelParameters
    ) -> [Route] {
        let (kind, id, channel, hard) = (parameters.kind, parameters.id, parameters.channel, parameters.hard)
        let archiving = [
            ("archive", true, "Closes a business object's channel: frozen, and marked as archived."),
            ("unarchive", false, "Opens it again."),
        ]
        return archiving.map { verb, isArchived, summary in
            Route(
                "POST",
                "\(path)/\(verb)",
                access: .channelWriters,
                answers: .channelState,
                summary,
                [kind, id, channel]
            ) { request in
                let known = try await known(request, parameters, database, services)
                guard known.state != .deleted else { throw Problem(409, "The channel is deleted; PUT makes it anew.") }
                return try await apply(.archive(isArchived), to: known.cid, request, services, database)
            }.audited("channel.\(verb)", .before) { .init("channel", parameters.joined($0)) }
        } + [
            Route(
                "DELETE",
                path,
                access: .channelWriters,
                answers: .channelState,
                "Deletes a business object's channel at the provider.",
                [kind, id, channel, hard]
            ) { request in
                let known = try await known(request, parameters, database, services)
                return try await apply(.delete(isHard: request[hard]), to: known.cid, request, services, database)
            }.audited("channel.delete", .before) {
                .init("channel", parameters.joined($0), details: ["hard": $0[hard] ? "true" : nil])
            }
        ]
    }

    private static func message(
        _ services: APIServices,
        _ database: Database,
        _ parameters: ChannelParameters
    ) -> Route {
        Route(
            "POST",
            "\(path)/messages",
            access: .channelWriters,
            answers: .channelMessage,
            "Sends a message, such as an offer or a status, into a business object's channel, once for each id.",
            [parameters.kind, parameters.id, parameters.channel],
            bodyBytes: services.limits.channels.objectBytes
        ) { request in
            let limits = services.limits.channels
            let json = try RequestJSON.object(in: request.body)
            let message: ChannelMessage
            do throws(ChannelObjectFault) { message = try ChannelMessage(json, limits: limits) } catch {
                throw Problem(error)
            }
            let known = try await known(request, parameters, database, services)
            guard known.state != .deleted else { throw Problem(409, "The channel is deleted; PUT makes it anew.") }
            let (effect, messageID) = message.effect(
                in: known,
                cause: request.cause,
                otherwise: Hex.encode(try randomBytes(requestIDBytes)),
                typeField: services.channels.messageTypeField,
                limits: limits,
                at: request.now
            )
            let isNew = try await database.runRepeating { (queries) throws(MongoError) in
                try services.channelStore(queries).send(effect, at: request.now)
            }
            services.effects.notify()
            return .json(isNew ? 202 : 200) {
                $0.field("cid", known.cid)
                $0.field("message_id", messageID)
                $0.field("effect", effect.key.description)
                $0.field("mode", services.effects.mode().rawValue)
                $0.field("written", isNew)
            }
        }.audited("message.send", .before) { .init("channel", parameters.joined($0)) }
    }

    // MARK: Parts

    private static func desired(
        _ kind: String,
        _ id: String,
        _ body: [UInt8],
        _ services: APIServices
    ) throws(Problem) -> DesiredChannel {
        guard let template = services.channels[kind] else { throw Problem.notFound("kind") }
        let json = try RequestJSON.object(in: body)
        do throws(ChannelObjectFault) {
            return try template.channel(
                id: id,
                json,
                creator: services.channels.creator,
                limits: services.limits.channels
            )
        } catch {
            throw Problem(error)
        }
    }

    /// The one channel that a request is about.
    ///
    /// - Throws: ``Problem``: 404 for none, 409 when it could be one of several.
    private static func known(
        _ request: APIRequest,
        _ parameters: ChannelParameters,
        _ database: Database,
        _ services: APIServices
    ) async throws -> SyncedChannel {
        let (kind, id, cid) = (request[parameters.kind], request[parameters.id], request[parameters.channel])
        let found = try await database.run { (queries) throws(MongoError) in
            try services.channelStore(queries).channels(kind: kind, objectID: id, cid: cid, limit: 2)
        }
        guard let first = found.first else { throw Problem.notFound("channel of this object") }
        guard found.count == 1 else {
            throw Problem(
                409,
                "The object has several channels; name one by its cid.",
                parameter: parameters.channel.name
            )
        }
        return first
    }

    private static func apply(
        _ change: ChannelRequest,
        to cid: String,
        _ request: APIRequest,
        _ services: APIServices,
        _ database: Database
    ) async throws -> HTTPResponse {
        let (cause, now) = (request.cause, request.now)
        let outcome = try await database.runRepeating { (queries) throws(MongoError) in
            try services.channelStore(queries).apply(change, to: cid, cause: cause, at: now)
        }
        switch outcome {
        case .unknown: throw Problem.notFound("channel of this object")
        case .taken:
            throw Problem(
                409,
                "Another object has the channel id that this one asks for. Ids that hold the pattern's own separator do that."
            )
        case .synced(let channel, let effects):
            services.effects.notify()
            return .json { writer in
                writer.field("kind", channel.kind)
                writer.field("object_id", channel.objectID)
                writer.field("cid", channel.cid)
                writer.field("state", channel.state.rawValue)
                writer.field("sent", channel.isSent)
                writer.field("version", channel.version)
                writer.field("member_count", channel.desired?.members.count ?? 0)
                writer.field("mode", services.effects.mode().rawValue)
                writer.field("effects", effects.map(\.key.description))
            }
        }
    }

    private static func write(_ channel: SyncedChannel, _ effects: [BSONDocument], to writer: inout JSONWriter) {
        let documents = DocumentJSON()
        writer.object { writer in
            writer.field("cid", channel.cid)
            writer.field("state", channel.state.rawValue)
            writer.field("sent", channel.isSent)
            writer.field("version", channel.version)
            writer.field("created_by", channel.creator)
            writer.field("channel", raw: channel.desired?.fieldsJSON)
            writer.field("members", channel.desired?.members ?? [])
            writer.field("createdAt", channel.createdAt)
            writer.field("updatedAt", channel.updatedAt)
            writer.field("effects") {
                $0.array {
                    for effect in effects {
                        $0.object { documents.writeFields(of: effect, except: ["order", "token", "lane"], to: &$0) }
                    }
                }
            }
        }
    }

    private static let path = "/api/v1/channels/{kind}/{id}"
    private static let requestIDBytes = 16
}

/// What the routes of business objects' channels take.
private struct ChannelParameters: Sendable {
    let kind: Parameter<String>
    let id = Parameter.identifier("id", in: .path, "The object.")
    let channel = Parameter.identifier("channel", in: .query, "Which of its channels: the cid `type:id`.").optional
    let after = Parameter.identifier("after", in: .query, "Continues where a page ended: its `next`.").optional
    let again = Parameter.flag("again", "Sends everything again, whatever was sent before.")
        .defaulting(to: false, shown: "false")
    let hard = Parameter.flag("hard", "Its messages go for good, too.").defaulting(to: false, shown: "false")

    init(_ services: APIServices) {
        let kinds = services.channels.templates.map(\.kind)
        kind = .text(
            "kind",
            in: .path,
            "What kind of object.",
            allowed: "a kind that has channels, such as \(kinds.prefix(Self.kindsShown).joined(separator: ", "))",
            isAllowed: { kinds.contains($0) }
        )
    }

    /// How the audit trail names the object.
    func joined(_ request: APIRequest) -> String { joinedID(request[kind], request[id]) }

    private static let kindsShown = 8
}

extension APIServices {
    fileprivate func channelStore(_ queries: HistoryQueries) -> ChannelStore {
        ChannelStore(queries.store, limits: limits, mode: effects.mode(), order: effects.order)
    }

    fileprivate func latestEffects(
        of channel: SyncedChannel,
        _ queries: HistoryQueries
    ) throws(MongoError) -> [BSONDocument] {
        let filter = EffectFilter(destination: Effect.Destination.provider.description, lane: channel.cid)
        return try outbox(queries).effects(filter, after: nil, limit: limits.channels.effectsListed).rows
    }
}

extension APIRequest {
    /// Of the effects that a request makes.
    fileprivate var cause: Effect.Cause { Effect.Cause(.call, caller?.keyID ?? "ADMIN_API_KEY") }
}

extension Route.Access {
    fileprivate static let channelWriters = Route.Access.roles([.service])
}

extension Problem {
    fileprivate init(_ fault: ChannelObjectFault) {
        guard let field = fault.field else {
            self.init(400, "The body must be \(fault.allowed).")
            return
        }
        self = .parameter(Self.shown(field), "The body's field \(Self.shown(field)) must be \(fault.allowed).")
    }
}
