import Analytics
import ChannelSync
import Chat
import Facts
import Limits
import Outbox
import Telemetry

/// Everything an operator may set, checked; `docs/configuration.md` lists it.
struct Configuration: Sendable, Equatable {
    var host = "127.0.0.1"
    var port = 8_080
    /// May hold a password.
    var mongoURI = Secret("mongodb://127.0.0.1:27017")
    var mongoDatabase = "backchannel"
    /// The queue, development keys and whatever else must outlive the process on this node.
    var dataDirectory = ".data"
    var provider = Provider()
    var acknowledgement = Acknowledgement.queued
    /// `nil` leaves it to connecting.
    var effects: EffectMode?
    /// Lets the first administrator in, before any key is stored.
    var adminAPIKey: Secret?
    /// Such addresses often hold a token.
    var alertWebhookURL: Secret?
    var logLevel = Log.Level.info
    /// Channel ids that carry business context, tried in order.
    var channelPatterns = [
        "listing_{listing_id}_{buyer_id}_{seller_id}", "event-{event_id}", "artist-{artist_id}", "venue-{venue_id}",
        "ticket-{ticket_id}",
    ]
    /// Fields of a message that may name its business type, tried in order.
    var messageTypeFields = ["message_type"]
    /// Zones whose active users are counted as they write.
    var analyticsZones = [Zone.utc.identifier]
    var keepsFigures = true
    /// Sites whose pages may ask the interface from a browser.
    var origins: [String] = []
    /// What an event adds to an engagement score.
    var engagement = EngagementWeights()
    var facts = AppFacts()
    var channels = Channels()
    var users = AppUsers()
    var notifications = Notifications()
    var rules = Rules()
    var dashboard = Dashboard()
    var limits = Limits()

    /// When a delivery is answered with success.
    enum Acknowledgement: String, Sendable, CaseIterable {
        /// On this node's stable storage.
        case queued
        /// Committed by a majority of MongoDB's nodes.
        case stored
    }

    /// The app's own data.
    struct AppFacts: Sendable, Equatable {
        /// The app's database, which is only read.
        var appMongoURI: Secret?
        var mappings: [FactMapping] = []
        /// Which source decides where several know a field: the first.
        var order = FactOrigin.allCases
    }

    /// What the team decides by itself.
    struct Rules: Sendable, Equatable {
        static let standardUser = "backchannel"

        var folder: String?
        /// Under whose name the service acts at the provider.
        var user = standardUser
        /// The file of the spam model that is begun with.
        var spamModel: String?
    }

    /// What people look at.
    struct Dashboard: Sendable, Equatable {
        /// From where the service is started.
        var folder = "dashboard"
        /// Where Debian's `libjs-chart.js` has it.
        var charts = "/usr/share/javascript/chart.js/chart.min.js"
        var proxyHeaders = ProxyHeaders.ignore

        /// Whether what a proxy says of a request is believed.
        enum ProxyHeaders: String, Sendable, CaseIterable { case ignore, trust }
    }

    /// How business objects become channels.
    struct Channels: Sendable, Equatable {
        /// In place of the standard ones of the same kind, or beside them.
        var templates: [ChannelTemplate] = []
        /// The user who creates channels whose object names nobody.
        var creator: String?
    }

    /// The provider's app.
    struct Provider: Sendable, Equatable {
        var apiKey: String?
        var apiSecret: Secret?
        var appID: String?
        var webhookSecret: Secret?
        var baseURL = "https://chat.stream-io-api.com"
        /// Older or newer pairs, for the time of a rotation.
        var extraKeys: [Pair] = []

        struct Pair: Sendable, Equatable {
            let key: String
            let secret: Secret
        }
    }

    /// What the configuration is read for, and so what must not be missing.
    enum Purpose: Sendable {
        /// Only asks a running service.
        case asking
        /// Signs what it sends.
        case signing
        /// Verifies what arrives.
        case serving
    }

    /// Every secret that a signature may have been made with, the provider's current one first.
    var signingSecrets: [(key: String?, secret: Secret)] {
        [(provider.apiKey, provider.apiSecret), (provider.apiKey, provider.webhookSecret)]
            .compactMap { key, secret in secret.map { (key, $0) } } + provider.extraKeys.map { ($0.key, $0.secret) }
    }
}
