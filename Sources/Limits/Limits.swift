/// Every bound of the service: its name, unit and default, in one place.
///
/// Nothing grows beyond one of these.
///
/// `docs/configuration.md` lists those an operator may change, under the environment name given here.
package struct Limits: Sendable, Equatable {
    package var http = HTTP()
    package var ingest = Ingest()
    package var queue = Queue()
    package var worker = Worker()
    package var outbox = Outbox()
    package var mongo = Mongo()
    package var query = Query()
    package var api = API()
    package var alert = Alert()
    package var yaml = YAML()
    package var client = Client()
    package var smtp = SMTP()
    package var notifications = Notifications()
    package var provider = Provider()
    package var backfill = Backfill()
    package var replay = Replay()
    package var token = Token()
    package var facts = Facts()
    package var channels = Channels()
    package var users = UserSync()
    package var rules = Rules()
    package var hooks = Hooks()
    package var spam = Spam()
    package var audit = Audit()
    package var dashboard = Dashboard()
    package var standing = Standing()
    package var review = Review()
    package var live = Live()

    package init() {}

    /// The HTTP server, before any route is known.
    package struct HTTP: Sendable, Equatable {
        /// Connections open at once (`HTTP_CONNECTIONS`); further ones wait in the kernel's backlog.
        package var connections = 2_048
        /// Connections open at once from one address (`HTTP_CONNECTIONS_PER_ADDRESS`); 0 is no limit.
        package var connectionsPerAddress = 0
        /// Request line and headers together, in bytes; each open connection takes this much memory and a page.
        package var headerBytes = 16_384
        /// A request body where no route says otherwise, in bytes.
        package var bodyBytes = 1_048_576
        /// From the first byte of a request to its last, in seconds (`HTTP_REQUEST_SECONDS`): drops slow senders.
        package var requestSeconds = 10
        /// A connection with no traffic, in seconds.
        ///
        /// The provider keeps connections 55–59 s.
        package var idleSeconds = 75
        /// Finishing the requests in progress at shutdown, in seconds.
        package var drainSeconds = 5
        /// Of an answer that comes in pieces: what waits to be sent, in bytes; its producer waits beyond.
        package var streamBytes = 262_144
        /// Of the same: how long its reader may take nothing while something waits, in seconds; then it is dropped.
        package var streamStallSeconds = 30
        package init() {}
    }

    /// The webhook receiver.
    package struct Ingest: Sendable, Equatable {
        /// A delivery's body as sent, in bytes (`WEBHOOK_BODY_BYTES`); events with 50 members reach tens of kilobytes.
        package var bodyBytes = 4_194_304
        /// A delivery's body after inflating, in bytes (`WEBHOOK_INFLATED_BYTES`); inflating stops here.
        package var inflatedBytes = 8_388_608
        /// Rejected deliveries remembered for listing.
        package var rejectionsKept = 200
        /// Rejected deliveries examined for their cause each second, so that an attack does not buy work.
        package var examinationsPerSecond = 10
        /// A body examined for what a proxy may have done to it, in bytes; of a larger one only the headers are.
        package var examinedBytes = 262_144
        /// What a sender is told to wait when we are full or broken, in seconds (`Retry-After`).
        package var retryAfterSeconds = 2
        /// With `ACK=stored`: how long an answer waits for MongoDB, in seconds; the provider gives up after 6.
        package var storedAckSeconds = 5
        /// With `ACK=stored`: events remembered that MongoDB had before their answer asked for it.
        package var storedEarly = 16_384
        package init() {}
    }

    /// The durable queue between receiver and MongoDB.
    package struct Queue: Sendable, Equatable {
        /// Events waiting (`QUEUE_ROWS`).
        package var rows = 5_000_000
        /// Bytes of waiting bodies (`QUEUE_BYTES`).
        package var bytes: Int64 = 16 * 1_073_741_824
        /// Free disk space below which nothing more is accepted, in bytes; a tenth of a smaller disk.
        package var freeDiskBytes: Int64 = 64 * 1_048_576
        /// Requests committed together.
        package var appendBatch = 1_024
        /// Bytes of their bodies; one larger body is committed alone.
        package var appendBytes: Int64 = 16 * 1_048_576
        /// Least time from the start of one commit to the next, in microseconds: syncs without a pause keep the disk and
        /// a core so busy that some of them take many times as long.
        package var appendPace = 1_000
        /// So many requests do not wait for that.
        package var appendCompany = 16
        /// Requests waiting for a commit; more are told that the queue is full.
        package var appendBacklog = 8_192
        /// Write-ahead log size at which it is copied into the file in the background, in bytes.
        package var checkpointBytes: Int64 = 32 * 1_048_576
        /// Write-ahead log size at which the appender itself waits for a checkpoint, in bytes.
        package var walBytes: Int64 = 512 * 1_048_576
        /// Parked events kept until MongoDB takes them as dead letters.
        package var parkedRows = 100_000
        package init() {}
    }

    /// Effects on the outside world.
    package struct Outbox: Sendable, Equatable {
        /// Parts that the lanes are divided into, each of which one node performs at a time; the same on every node.
        package static let shards = 16

        /// Calls under way at once, by destination.
        package var providerCalls = 64
        package var emailCalls = 4
        package var webhookCalls = 8
        /// Effects of one action, at one destination, held in memory, and the bytes of their payloads; more wait in MongoDB.
        package var rowsPerAction = 4_000
        package var bytesPerAction = 16_777_216
        /// Effects of one lane held in memory.
        package var rowsPerLane = 64
        /// Lanes of one destination of which is known that more waits in MongoDB; the others wait until these are fewer.
        package var gapsKnown = 100_000
        /// Read at a time.
        package var pageRows = 1_000
        /// Pages read before what they hold is begun.
        package var pagesPerRound = 4
        /// Effects found too old that are written down at a time.
        package var staleRows = 500
        /// How often to look for what other nodes wrote, in milliseconds.
        package var pollMilliseconds = 250
        /// How often to look for what was committed out of order, in milliseconds.
        package var rescanMilliseconds = 2_000
        /// How long a commit may take that began earlier and ends later than another, in milliseconds.
        package var lateMilliseconds = 250
        /// A node that has not renewed its lease for this long is replaced, in seconds.
        package var leaseSeconds = 10
        /// How often it renews, in seconds.
        package var renewSeconds = 3
        /// First and longest wait after a failure, in milliseconds.
        package var retryFloorMilliseconds = 500
        package var retryCeilingMilliseconds = 300_000
        /// The longest wait that a destination may ask for, in seconds.
        package var retryAfterMostSeconds = 3_600
        /// Failures, at a destination that is well otherwise, after which an effect is dead.
        package var attempts = 10
        /// Failures in a row after which a destination is left alone for a while.
        package var circuitFailures = 5
        /// First and longest such while, in milliseconds.
        package var circuitFloorMilliseconds = 1_000
        package var circuitCeilingMilliseconds = 30_000
        /// Entries kept of an effect's timeline, the latest.
        package var timelineEntries = 50
        /// Longest of an answer or reason that is kept, in bytes.
        package var answerBytes = 1_024
        /// Longest key of one effect, in bytes.
        package var keyBytes = 4_096
        /// Largest payload of one effect, in bytes.
        package var payloadBytes = 1_048_576
        /// Scheduled effects whose time has come, moved at a time.
        package var promotedRows = 1_000
        /// How long finished effects are kept, in days (`OUTBOX_RETENTION_DAYS`): as long, nothing acts twice.
        package var retentionDays = 90
        /// Finished effects removed at a time.
        package var removedRows = 5_000
        package init() {}
    }

    /// Queue to MongoDB.
    package struct Worker: Sendable, Equatable {
        /// How far the worker's threads step back (`nice(1)`) while all cores are busy: an event must be accepted within
        /// seconds or it is lost, and can be stored later.
        package static let niceness: Int32 = 10
        /// Sessions of MongoDB whose ids are kept, so that a crash leaves no transaction open: of this process, and of the one
        /// before.
        package static let sessionsNoted = 512

        /// Events of one transaction: the more, the fewer writes of the same counters.
        package var batchEvents = 3_000
        /// Bytes of one transaction's bodies.
        package var batchBytes = 8_388_608
        /// Deliveries a second beyond which storing waits for the burst to pass: about what can be stored in that time.
        package var burstEventsPerSecond = 10_000
        /// How long it waits at most, in seconds.
        package var burstSeconds = 5
        /// How often it looks meanwhile, in milliseconds.
        package var burstPollMilliseconds = 50
        /// Batches not merged ahead after one for which it was in vain, since others write to the same history.
        package var vainPause = 16
        /// First and longest wait after a failed batch, in milliseconds.
        package var retryFloorMilliseconds = 50
        package var retryCeilingMilliseconds = 5_000
        /// Attempts at one batch that MongoDB gives up, until its halves are stored on their own.
        package var attemptsPerBatch = 4
        /// Batches stored until one may have twice as many events again.
        package var batchesPerGrowth = 16
        /// Reasons to wait for MongoDB that are logged until storing goes on.
        package var reasonsLogged = 8
        /// How often one event alone is put back before it becomes a dead letter.
        package var attemptsPerEvent = 5
        /// Messages recomputed in one transaction after a truncation, deletion or change of context.
        package var sweepMessages = 500
        /// How often maintenance (erasing, rebuilding) tries a failed transaction again, with the waits above.
        package var upkeepRetries = 12
        /// How often an erasure looks again for what came in beside it.
        package var erasureRounds = 3
        /// Documents that verification and export read at a time.
        package var scanDocuments = 1_000
        /// Counters replaced in one transaction of a rebuild.
        package var rebuildCounters = 100
        /// Batches stored, while events wait, for each step of what can be done later.
        package var batchesPerSweep = 8
        /// Conversations gone through again at a time, and messages read for them.
        package var walkedChannels = 100
        package var walkedMessages = 5_000
        /// Longest identifier accepted, in UTF-8 bytes; the provider's own limit is 255.
        package var identifierBytes = 1_024
        /// User ids remembered of one event for erasure; the provider sends at most 50 members.
        package var userIDsPerEvent = 512
        /// Fields of one event that were left out for their type and are named.
        package var faultsPerEvent = 64
        /// How long the raw body of an event is kept, in days (`RAW_RETENTION_DAYS`).
        package var rawRetentionDays = 90
        package init() {}
    }

    /// Connections to MongoDB.
    package struct Mongo: Sendable, Equatable {
        package var poolConnections = 16
        package var connectMilliseconds = 5_000
        package var serverSelectionMilliseconds = 3_000
        package var socketMilliseconds = 10_000
        /// How often a commit whose result is unknown is asked for.
        package var commitAttempts = 3
        package init() {}
    }

    /// Queries over REST.
    package struct Query: Sendable, Equatable {
        package var pageDefault = 50
        package var pageMost = 200
        /// Messages read at once for an answer that has all of them (`format=csv`, `ndjson`).
        package var exportRowsAtOnce = 1_000
        /// MongoDB's time for one query, in milliseconds: less than the socket's, so that it is MongoDB who says so.
        package var milliseconds = 8_000
        /// MongoDB's time for counting what a page is part of, in milliseconds; beyond it the total is left out.
        package var countMilliseconds = 2_000
        /// The longest range of days an analytics query may span.
        package var rangeDays = 3_660
        /// Days that an analytics query spans unless asked otherwise, today included.
        package var rangeDefaultDays = 30
        /// Rows of a figure in one answer; a range in more parts than these is refused.
        package var figureRows = 10_000
        package var figureRowsDefault = 1_000
        /// Users looked at one by one to answer a question about people.
        package var peopleMost = 1_000_000
        /// Channels looked at one by one to answer a question about their members.
        package var memberChannelsMost = 200_000
        /// Days within which a new user has to write to count as having adopted chat.
        package var adoptionDays = 7
        /// A latency that counts as within the target, unless asked otherwise, in seconds.
        package var latencyTargetSeconds = 3_600
        /// The busiest hours of the day that are named.
        package var peakHours = 3
        /// Edits of one message, its reactions, bans and mutes of one user that an answer holds at most.
        package var detailRows = 1_000
        /// Requests answered from MongoDB at once.
        package var concurrent = 12
        package init() {}
    }

    /// The REST interface, webhooks aside.
    package struct API: Sendable, Equatable {
        /// A request's body, in bytes.
        package var bodyBytes = 65_536
        /// Requests waiting for their turn at MongoDB; more are told to come again.
        package var waiting = 256
        /// What a client is told to wait when MongoDB is out of reach, in seconds (`Retry-After`); nobody waits for it
        /// meanwhile.
        package var retryAfterSeconds = 2
        /// How often a write that met another one is tried.
        package var writeAttempts = 8
        /// First wait before it is tried again, in milliseconds; it doubles each time.
        package var writeRetryMilliseconds = 10
        /// How long a key's role is remembered, in seconds: this long a revoked key may still be served elsewhere.
        package var keyCacheSeconds = 5
        /// Keys remembered.
        package var keysCached = 1_024
        /// Keys listed.
        package var keysListed = 1_000
        /// A key's name, in bytes.
        package var keyNameBytes = 128
        /// An answer that is sent compressed to whoever takes that, at least, in bytes.
        package var gzipBytes = 2_048
        /// How long a browser remembers what another site's pages may ask, in seconds.
        package var preflightSeconds = 600
        /// The reason of a flag, in characters.
        package var reasonCharacters = 500
        package init() {}
    }

    /// `ALERT_WEBHOOK_URL`.
    package struct Alert: Sendable, Equatable {
        /// MongoDB unreachable for this long, in seconds.
        package var mongoDownSeconds = 120
        /// Share of the queue's limit in use.
        package var queueShare = 0.5
        /// Rejections within a minute.
        package var rejectionsPerMinute = 30
        /// No event for this long although events came before, in seconds (`ALERT_SILENCE_SECONDS`).
        package var silenceSeconds = 3_600
        /// A destination of effects left alone for this long, in seconds.
        package var destinationStoppedSeconds = 60
        /// The same alert again no sooner than this, in seconds.
        package var repeatSeconds = 900
        package init() {}
    }
    /// Configuration and rule files.
    package struct YAML: Sendable, Equatable {
        /// One file, in bytes.
        package var bytes = 1_048_576
        /// Lists and mappings within each other.
        package var depth = 32
        /// Keys and values of one file.
        package var nodes = 100_000
        package init() {}
    }

    /// Calls to other services.
    package struct Client: Sendable, Equatable {
        /// Requests in progress at once; further ones wait.
        package var concurrent = 8
        package var connectMilliseconds = 5_000
        /// A whole request unless it says otherwise, in milliseconds.
        package var requestMilliseconds = 10_000
        /// A response's headers, in bytes.
        package var headerBytes = 65_536
        /// A response's body, in bytes.
        package var responseBytes = 16_777_216
        package init() {}
    }

    /// Mail handed to the server that `SMTP_URL` names.
    package struct SMTP: Sendable, Equatable {
        /// Mails on their way at once, each over a connection of its own; further ones wait.
        package var connections = 4
        package var connectMilliseconds = 10_000
        /// One mail, in milliseconds; generous, because a mail given up while the server takes it may arrive twice.
        package var mailMilliseconds = 60_000
        /// One reply of the server, in seconds.
        package var replySeconds = 45
        /// Recipients of one mail; servers must take 100.
        package var recipients = 100
        /// A whole message, in bytes.
        package var mailBytes = 1_048_576
        package init() {}
    }

    /// What is told to people and to the team's own services.
    package struct Notifications: Sendable, Equatable {
        /// The source of one template, in bytes.
        package var templateBytes = 65_536
        /// Conditions within one another.
        package var templateDepth = 16
        /// Tags and pieces of text of one template.
        package var templateParts = 4_096
        /// Names of one path, such as the two of `user.name`.
        package var pathNames = 8
        /// What a template may become, in bytes.
        package var renderedBytes = 262_144
        /// Templates in all.
        package var templates = 256
        /// Files of one folder of templates.
        package var templateFiles = 1_024
        /// One of them, in bytes.
        package var templateFileBytes = 1_048_576
        /// A subject, in characters; a longer one is cut off.
        package var subjectCharacters = 200
        /// Text shown by Slack, in characters; a longer one is cut off.
        package var slackCharacters = 3_000
        /// The body of one outgoing webhook, in bytes.
        package var webhookBytes = 1_048_576
        /// One outgoing webhook, in milliseconds.
        package var webhookMilliseconds = 10_000
        /// The longest wait that an answer may ask for (`Retry-After`), in seconds.
        package var retryAfterMostSeconds = 3_600
        /// What happened longer ago is not told any more, in seconds.
        package var maximumAgeSeconds = 900
        /// The same for events to the app's own endpoint, where late ones surprise nobody, in seconds
        /// (`BRIDGE_MAX_AGE_SECONDS`).
        package var bridgeMaximumAgeSeconds = 86_400
        /// The most that one user, moderator or channel of the team is told of one kind in an hour.
        package var offersPerHour = 20
        package var alertsPerHour = 60
        package var remindersPerHour = 6
        /// Of what rules have people told.
        package var rulesPerHour = 60
        /// Members of a channel up to which they are reminded of unread messages.
        package var reminderMembers = 10
        /// Unread messages counted for a reminder; more are not told apart.
        package var unreadCounted = 1_000
        /// Notifications composed at once.
        package var composers = 4
        /// Wait when a source of what is to be told could not be asked, in seconds.
        package var sourceWaitSeconds = 5
        /// Addresses that alerts go to.
        package var moderators = 50
        package init() {}
    }

    /// The chat provider's API: mostly its own bounds, which a call is held to before it is sent.
    package struct Provider: Sendable, Equatable {
        /// Users of one upsert, partial update or deletion.
        package var usersPerCall = 100
        /// Members of one call that creates a channel, adds to it or takes from it.
        package var membersPerCall = 100
        /// A message's id, in bytes.
        package var messageIDBytes = 255
        /// A user's or channel's id, in bytes.
        package var identifierBytes = 255
        /// One call, in milliseconds: as long as the provider's own libraries wait.
        package var callMilliseconds = 6_000
        /// A request's body, in bytes.
        package var bodyBytes = 4_194_304
        /// The longest wait that an answer may ask for, in seconds.
        package var retryAfterMostSeconds = 3_600
        /// After a call that names users who are not there yet, in seconds: they may be on their way.
        package var missingUsersSeconds = 2
        /// Calls a minute to an endpoint before anything is known of its limit.
        package var callsPerMinute = 60
        /// Share of a limit left to what other nodes may have used since the last answer, in percent.
        package var reservePercent = 2
        /// Endpoints whose limit is remembered.
        package var endpoints = 256
        /// Channels of one page, messages and members of one channel's page, users of one page.
        package var channelsPerPage = 30
        package var messagesPerPage = 300
        package var membersPerPage = 100
        package var usersPerPage = 100
        package init() {}
    }

    /// The `replay` command.
    package struct Replay: Sendable, Equatable {
        /// Connections one may ask for (`--connections`).
        package var connections = 4_096
        /// Events one may ask for (`--generate`).
        package var events = 1_000_000_000
        /// One event's body, in bytes: more than the receiver takes, so that its refusal can be tried.
        package var bodyBytes = 16_777_216
        /// Files of one folder.
        package var files = 100_000
        /// Bodies held back to be sent a second time.
        package var duplicatesHeld = 256
        /// A response's status line and headers, in bytes.
        package var responseHeaderBytes = 16_384
        /// Kept of a refusal's body to show one example, in bytes.
        package var refusalBytes = 512
        /// First and longest wait before an event is sent again, in milliseconds.
        package var retryFloorMilliseconds = 100
        package var retryCeilingMilliseconds = 2_000
        /// How long a replay waits for its first connection, in seconds.
        package var connectSeconds = 3
        /// Without any answer for this long, sending stops, in seconds.
        package var silenceSeconds = 15
        package init() {}
    }

    /// JSON Web Tokens that the app's users present.
    package struct Token: Sendable, Equatable {
        /// A whole token, in bytes.
        package var bytes = 8_192
        /// By how much clocks may differ, in seconds.
        package var leewaySeconds = 30
        package init() {}
    }

    /// Channels of business objects.
    package struct Channels: Sendable, Equatable {
        /// Kinds that the configuration may name.
        package var kinds = 64
        /// A kind's name, in bytes.
        package var kindBytes = 64
        /// A business object or message as the app sends it, in bytes.
        package var objectBytes = 1_048_576
        /// Members of one channel.
        package var members = 10_000
        /// A user's or channel's id, in bytes: the provider's own limit.
        package var identifierBytes = 255
        /// A channel's name, in bytes.
        package var nameBytes = 1_024
        /// The address of its image, in bytes.
        package var imageBytes = 4_096
        /// Fields of its custom data.
        package var customFields = 64
        /// The name of one, in bytes.
        package var fieldNameBytes = 128
        /// The custom data of a channel or message as JSON, in bytes: the provider's own limit.
        package var customBytes = 5_120
        /// A message's text, in bytes; the provider takes 5,000 characters unless the channel's type says otherwise.
        package var textBytes = 20_000
        /// How late a message may be sent, in seconds.
        package var messageSeconds = 900
        /// Channels of one object on a page.
        package var listed = 20
        /// Effects of each that are shown, the latest.
        package var effectsListed = 20
        package init() {}
    }

    /// The app's own data for effects and rules.
    package struct Facts: Sendable, Equatable {
        /// Facts set in one request.
        package var bulkItems = 1_000
        /// The body of such a request, in bytes.
        package var bulkBytes = 4_194_304
        /// A kind's name, in bytes.
        package var kindBytes = 64
        /// Fields of one thing.
        package var fields = 64
        /// A field's name, in bytes.
        package var fieldNameBytes = 128
        /// One text, in bytes.
        package var textBytes = 8_192
        /// Texts of one list.
        package var listTexts = 256
        /// All fields of one thing as JSON, in bytes.
        package var recordBytes = 32_768
        /// Kinds that the configuration maps to the app's database.
        package var mappings = 64
        /// Connections to the app's database, besides one for each mapped collection that is watched.
        package var poolConnections = 4
        /// Things asked for in one query.
        package var queryKeys = 1_000
        /// MongoDB's time for one query, in milliseconds: a batch of events waits for it.
        package var queryMilliseconds = 2_000
        /// Looking for a server of the app's database, in milliseconds.
        package var serverSelectionMilliseconds = 1_000
        /// How long an unreachable source is left alone, in seconds: a batch that needs it is told at once.
        package var retrySeconds = 2
        /// How long what was found is remembered, in seconds (`FACTS_CACHE_SECONDS`); changes are noticed sooner where
        /// they can be watched.
        package var cacheSeconds = 60
        /// How long it is remembered that there was nothing, in seconds.
        package var missingSeconds = 5
        /// Things remembered.
        package var cacheEntries = 100_000
        /// Their size in memory, in bytes.
        package var cacheBytes = 67_108_864
        /// How long a watch waits for a change before it looks whether it shall stop, and how often one that is not needed
        /// looks whether it is, in milliseconds.
        package var watchMilliseconds = 500
        /// First and longest wait before a watch is opened again, in milliseconds.
        package var watchRetryFloorMilliseconds = 500
        package var watchRetryCeilingMilliseconds = 30_000
        /// Wait before it is tried again to watch what may not be watched, in seconds.
        package var watchRefusedSeconds = 300
        package init() {}
    }

    /// Users between the app and the provider.
    package struct UserSync: Sendable, Equatable {
        /// Users of one request.
        package var bulkItems = 1_000
        /// The body of such a request, in bytes.
        package var bulkBytes = 8_388_608
        /// One user as the app sends it, in bytes of JSON.
        package var recordBytes = 65_536
        /// A user's id, in bytes: the provider's.
        package var identifierBytes = 255
        /// Custom data of one user, in bytes of JSON: the provider's.
        package var customBytes = 5_120
        /// Fields of one user that wait to be told; of more, those that the app has taken back meanwhile are not.
        package var toldFields = 1_000
        /// Changes of one user that follow each other within this time go out together, in milliseconds; the first goes
        /// at once.
        package var burstMilliseconds = 1_000
        /// The longest that one of them waits for the others, in milliseconds.
        package var burstMostMilliseconds = 10_000
        /// Users compared at a time.
        package var pageUsers = 100
        /// A user's token, in seconds (`TOKEN_LIFETIME_SECONDS`).
        package var tokenSeconds = 3_600
        /// By how much a token is dated back, since the provider's clock may be behind, in seconds.
        package var tokenBackdatingSeconds = 5
        /// Tokens for one user in a minute.
        package var tokensPerMinute = 30
        /// Users whose tokens are counted, and users remembered as known to the provider.
        package var tokenUsers = 10_000
        /// A profile changed longer ago at the provider is not pushed to the app any more, in seconds.
        package var pushAgeSeconds = 900
        /// Looking up the newest profiles before they are sent, at once.
        package var lookUps = 2
        /// How long a token waits for the provider to take the user, in milliseconds.
        package var tokenUpsertMilliseconds = 2_000
        package init() {}
    }
}
