import Analytics
import Facts
import Limits
import Outbox
import Spelling
import Telemetry

extension Setting {
    /// Every setting, in the order of the documentation.
    static let all: [Setting] =
        listening + storing + provider + effects + events + appData + users + notifications + rules + dashboard
        + operating + bounds

    static let names: [String] = all.flatMap { [$0.name] + $0.aliases }

    private static let listening: [Setting] = [
        .integer("PORT", \.port, 1...65_535, unit: "port", "Where the service listens."),
        .text("HOST", \.host, unit: "address", "The address it listens on; `0.0.0.0` or `::` for every one.") {
            text throws(SettingProblem) in try SettingCheck.word(text)
        },
        .secret(
            "ADMIN_API_KEY",
            \.adminAPIKey,
            unit: "secret, 16 characters and more",
            "A key with the role `admin`, to create the first stored keys with."
        ) { text throws(SettingProblem) in
            try SettingCheck.word(text)
            guard text.count >= 16 else { throw SettingProblem("a key of 16 characters or more") }
        },
    ]

    private static let storing: [Setting] = [
        Setting(
            name: "MONGODB_URI",
            unit: "address",
            standard: Configuration().mongoURI.revealed(),
            summary: "The MongoDB replica set or sharded cluster. May hold a password: treated as a secret.",
            isSecret: true
        ) { content, configuration throws(SettingProblem) in
            let text = try content.single()
            try SettingCheck.mongoAddress(text)
            configuration.mongoURI = Secret(text)
        },
        .text(
            "MONGODB_DATABASE",
            \.mongoDatabase,
            unit: "name",
            "The database that is Backchannel's own.",
            check: SettingCheck.databaseName
        ),
        .text("DATA_DIR", \.dataDirectory, unit: "folder", "The queue and what else this node must not lose."),
        .choice(
            "ACK",
            \.acknowledgement,
            "When a delivery gets 200: on this node's disk, or committed by a majority of MongoDB's nodes."
        ),
        .integer(
            "OUTBOX_RETENTION_DAYS",
            \.limits.outbox.retentionDays,
            1...3_650,
            unit: "days",
            "How long finished effects are kept; what comes again later may act again."
        ),
        .integer(
            "RAW_RETENTION_DAYS",
            \.limits.worker.rawRetentionDays,
            1...3_650,
            unit: "days",
            "How long an event's raw body is kept."
        ),
        .integer(
            "FIGURES_TOTALS_RETENTION_DAYS",
            \.limits.worker.totalsRetentionDays,
            0...36_500,
            unit: "days",
            "How long counts by day of all messages, by type of channel and team, are kept; 0 keeps them for good."
        ),
        .integer(
            "FIGURES_OBJECTS_RETENTION_DAYS",
            \.limits.worker.objectsRetentionDays,
            0...36_500,
            unit: "days",
            "How long counts by month of channels, listings, events, artists and venues are kept; 0 keeps them for good."
        ),
        .integer(
            "FIGURES_ANSWERS_RETENTION_DAYS",
            \.limits.worker.answersRetentionDays,
            0...36_500,
            unit: "days",
            "How long single answers, of which response times are made, are kept; 0 keeps them for good."
        ),
    ]

    private static let provider: [Setting] = [
        .optional(
            "GETSTREAM_API_KEY",
            aliases: ["STREAM_API_KEY"],
            \.provider.apiKey,
            unit: "key",
            "The provider app's key."
        ),
        .secret(
            "GETSTREAM_API_SECRET",
            aliases: ["STREAM_API_SECRET"],
            \.provider.apiSecret,
            "The provider app's secret; signatures are checked with it."
        ),
        .optional(
            "GETSTREAM_APP_ID",
            aliases: ["STREAM_APP_ID"],
            \.provider.appID,
            unit: "id",
            "The provider app's id."
        ),
        .secret(
            "GETSTREAM_WEBHOOK_SECRET",
            \.provider.webhookSecret,
            "Tried as well; the provider itself signs with the API secret."
        ),
        Setting(
            name: "GETSTREAM_EXTRA_KEYS",
            unit: "`key:secret`, separated by commas; in the file a mapping",
            standard: "",
            summary: "Further pairs that may sign, for the time of a rotation.",
            isSecret: true,
            shape: .pairs
        ) { content, configuration throws(SettingProblem) in
            guard case .pairs(let pairs) = content else { throw SettingProblem("pairs of key and secret") }
            for (key, secret) in pairs {
                try SettingCheck.word(key)
                try SettingCheck.word(secret)
                guard !key.isEmpty, !secret.isEmpty else { throw SettingProblem("pairs of key and secret, none empty") }
            }
            guard Set(pairs.map(\.0)).count == pairs.count else { throw SettingProblem("each key once") }
            configuration.provider.extraKeys = pairs.map { .init(key: $0.0, secret: Secret($0.1)) }
        },
        .text(
            "GETSTREAM_BASE_URL",
            \.provider.baseURL,
            unit: "address",
            "The provider's API.",
            check: SettingCheck.webAddress
        ),
    ]

    private static let effects: [Setting] = [
        Setting(
            name: "EFFECTS",
            unit: EffectMode.allCases.map(\.rawValue).joined(separator: ", "),
            standard: "",
            summary: "Whether effects reach the outside world; unset, they are recorded until `connect` has succeeded."
        ) { content, configuration throws(SettingProblem) in
            let (text, names) = (try content.single(), EffectMode.allCases.map(\.rawValue))
            guard let mode = EffectMode(rawValue: text) else {
                throw SettingProblem(names.joined(separator: " or ") + Suggestion.text(for: text, among: names))
            }
            configuration.effects = mode
        }
    ]

    private static let events: [Setting] = [
        .list(
            "CHANNEL_PATTERNS",
            \.channelPatterns,
            unit: "list",
            "Channel ids that carry business context, tried in order.",
            check: SettingCheck.channelPattern
        ),
        .list(
            "ANALYTICS_TIME_ZONES",
            \.analyticsZones,
            unit: "list",
            "Time zones whose active users are counted as they write; others' are when asked for. Run `rebuild` after a change.",
            check: SettingCheck.timeZone
        ),
        Setting(
            name: "FIGURES",
            unit: "on, off",
            standard: "on",
            summary: "Whether figures are kept of what is stored; off removes them, on again they need a `rebuild`."
        ) { content, configuration throws(SettingProblem) in
            switch try content.single() {
            case "on": configuration.keepsFigures = true
            case "off": configuration.keepsFigures = false
            case let text: throw SettingProblem("on or off" + Suggestion.text(for: text, among: ["on", "off"]))
            }
        },
        .list(
            "MESSAGE_TYPE_FIELDS",
            \.messageTypeFields,
            unit: "list",
            "Message fields that may name the business type, tried in order.",
            check: SettingCheck.fieldPath
        ),
        .integer("ENGAGEMENT_MESSAGE", \.engagement.message, 0...1_000, unit: "points", "A user's score: a message."),
        .integer(
            "ENGAGEMENT_REACTION",
            \.engagement.reaction,
            0...1_000,
            unit: "points",
            "A user's score: a reaction."
        ),
        .integer("ENGAGEMENT_READ", \.engagement.read, 0...1_000, unit: "points", "A user's score: a read."),
        .integer(
            "ENGAGEMENT_LISTING_MESSAGE",
            \.engagement.listingMessage,
            0...1_000,
            unit: "points",
            "A listing's score: a message."
        ),
    ]

    private static let appData: [Setting] = [
        .secret(
            "APP_MONGODB_URI",
            \.facts.appMongoURI,
            unit: "address",
            "The app's own MongoDB, from which facts are read and nothing else. Treated as a secret.",
            check: SettingCheck.mongoAddress
        ),
        Setting(
            name: "FACTS",
            unit: "section of the file",
            standard: "",
            summary: "Where the app's MongoDB keeps which facts: see `facts.md`.",
            shape: .section
        ) { content, configuration throws(SettingProblem) in
            guard case .section(let node, let file) = content else { throw SettingProblem("a section of the file") }
            configuration.facts.mappings = try FactSection.read(node, file: file)
        },
        Setting(
            name: "FACTS_ORDER",
            unit: "list",
            standard: FactOrigin.allCases.map(\.rawValue).joined(separator: ","),
            summary: "Which sources of facts are asked, and which decides where several know a fact: the first.",
            shape: .list
        ) { content, configuration throws(SettingProblem) in
            guard case .list(let items) = content, !items.isEmpty else { throw SettingProblem("a list of sources") }
            let names = FactOrigin.allCases.map(\.rawValue)
            let order = items.compactMap { FactOrigin(rawValue: $0) }
            guard order.count == items.count, Set(order).count == order.count else {
                throw SettingProblem("\(names.joined(separator: ", ")), each at most once")
            }
            configuration.facts.order = order
        },
        Setting(
            name: "CHANNELS",
            unit: "section of the file",
            standard: "",
            summary: "How business objects become channels, for kinds beside the standard ones: see `channels.md`.",
            shape: .section
        ) { content, configuration throws(SettingProblem) in
            guard case .section(let node, let file) = content else { throw SettingProblem("a section of the file") }
            configuration.channels.templates = try ChannelSection.read(node, file: file)
        },
        .optional(
            "CHANNEL_CREATOR",
            \.channels.creator,
            unit: "user id",
            "Creates the channels of business objects that name nobody."
        ),
        .integer(
            "FACTS_CACHE_SECONDS",
            \.limits.facts.cacheSeconds,
            0...86_400,
            unit: "seconds",
            "How long a fact is believed without asking again, unless a change of it is noticed."
        ),
    ]

    private static let operating: [Setting] = [
        Setting(
            name: "LOG_LEVEL",
            unit: Log.Level.allCases.map { "\($0)" }.joined(separator: ", "),
            standard: "\(Configuration().logLevel)",
            summary: "The least level that is logged."
        ) { content, configuration throws(SettingProblem) in
            guard let level = Log.Level(name: try content.single()) else {
                throw SettingProblem(Log.Level.allCases.map { "\($0)" }.joined(separator: ", "))
            }
            configuration.logLevel = level
        },
        .secret(
            "ALERT_WEBHOOK_URL",
            \.alertWebhookURL,
            unit: "address",
            "Gets alerts as JSON by POST. May hold a token: treated as a secret.",
            check: SettingCheck.webAddress
        ),
        .integer(
            "BACKFILL_AFTER_GAP_SECONDS",
            \.limits.backfill.afterGapSeconds,
            0...604_800,
            unit: "seconds",
            "Without an event for longer, what came meanwhile is read back from the provider; 0 is never."
        ),
        .integer(
            "BACKFILL_SETTLE_SECONDS",
            \.limits.backfill.settleSeconds,
            0...3_600,
            unit: "seconds",
            "How long after it happened something may still come by webhook, and is not missed yet."
        ),
        .integer(
            "ALERT_SILENCE_SECONDS",
            \.limits.alert.silenceSeconds,
            60...604_800,
            unit: "seconds",
            "No event for this long, although there were some, is worth an alert."
        ),
    ]

    private static let bounds: [Setting] = [
        .integer("QUEUE_ROWS", \.limits.queue.rows, 1...1_000_000_000, unit: "events", "Events that may wait."),
        .bytes("QUEUE_BYTES", \.limits.queue.bytes, (1 << 20)...(1 << 44), "Bodies of waiting events, together."),
        .bytes(
            "WEBHOOK_BODY_BYTES",
            \.limits.ingest.bodyBytes,
            (1 << 10)...(1 << 26),
            "A delivery's body as sent."
        ),
        .bytes(
            "WEBHOOK_INFLATED_BYTES",
            \.limits.ingest.inflatedBytes,
            (1 << 10)...(1 << 26),
            "A delivery's body after inflating."
        ),
        .integer(
            "HTTP_CONNECTIONS",
            \.limits.http.connections,
            1...100_000,
            unit: "connections",
            "Open at once."
        ),
        .integer(
            "HTTP_CONNECTIONS_PER_ADDRESS",
            \.limits.http.connectionsPerAddress,
            0...100_000,
            unit: "connections",
            "Open at once from one address; 0 is no limit."
        ),
        .integer(
            "HTTP_REQUEST_SECONDS",
            \.limits.http.requestSeconds,
            1...600,
            unit: "seconds",
            "From the first byte of a request to its last."
        ),
        .integer(
            "LIVE_READERS",
            \.limits.live.readers,
            1...10_000,
            unit: "readers",
            "Readers of the live feed on this node at once."
        ),
        .list(
            "CORS_ORIGINS",
            \.origins,
            unit: "list of origins",
            "Sites whose pages may use the interface from a browser, such as `https://shop.example`; `*` is any.",
            check: SettingCheck.origin
        ),
    ]
}
