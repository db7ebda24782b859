import Analytics
import Chat
import Foundation
import Limits
import Telemetry
import TestSupport
import Testing

@testable import backchannel

struct ConfigurationTests {
    // MARK: What is accepted

    @Test func defaultsAreTheDocumentedOnes() throws {
        let configuration = try Configuration.load()
        var expected = Configuration()
        expected.provider.apiKey = "key"
        expected.provider.apiSecret = Secret("topsecret")
        #expect(configuration == expected)
        #expect(configuration.host == "127.0.0.1")
        #expect(configuration.limits == Limits())
    }

    @Test func everythingCanComeFromTheFile() throws {
        let configuration = try Configuration.load(
            [:],
            file: """
                PORT: 9000
                HOST: "::"
                MONGODB_URI: mongodb://db:27017/?replicaSet=rs0
                MONGODB_DATABASE: chat_side
                DATA_DIR: /var/lib/backchannel
                ACK: stored
                STREAM_API_KEY: k1
                STREAM_API_SECRET: s1
                GETSTREAM_WEBHOOK_SECRET: w1
                GETSTREAM_EXTRA_KEYS: {k0: s0, k2: "s:2"}
                CHANNEL_PATTERNS: ["order-{order_id}"]
                MESSAGE_TYPE_FIELDS: [kind, custom.kind]
                ENGAGEMENT_READ: 2
                LOG_LEVEL: warning
                QUEUE_BYTES: 64MB
                QUEUE_ROWS: 1000
                WEBHOOK_BODY_BYTES: 2MiB
                HTTP_CONNECTIONS: 10
                ADMIN_API_KEY: 0123456789abcdef
                ALERT_WEBHOOK_URL: https://alerts.example/x
                ALERT_SILENCE_SECONDS: 120
                RAW_RETENTION_DAYS: 30
                """
        )
        #expect(configuration.port == 9000)
        #expect(configuration.host == "::")
        #expect(configuration.acknowledgement == .stored)
        #expect(configuration.signingSecrets.map(\.key) == ["k1", "k1", "k0", "k2"])
        #expect(configuration.signingSecrets.map { $0.secret.revealed() } == ["s1", "w1", "s0", "s:2"])
        #expect(configuration.channelPatterns == ["order-{order_id}"])
        #expect(configuration.messageTypeFields == ["kind", "custom.kind"])
        #expect(configuration.engagement.read == 2)
        #expect(configuration.logLevel == .warning)
        #expect(configuration.limits.queue.bytes == 64_000_000)
        #expect(configuration.limits.queue.rows == 1000)
        #expect(configuration.limits.ingest.bodyBytes == 2_097_152)
        #expect(configuration.limits.http.connections == 10)
        #expect(configuration.limits.alert.silenceSeconds == 120)
        #expect(configuration.limits.worker.rawRetentionDays == 30)
        #expect(configuration.alertWebhookURL?.revealed() == "https://alerts.example/x")
    }

    @Test func theEnvironmentWins() throws {
        let environment = Configuration.testSecrets.merging([
            "PORT": "1234", "STREAM_APP_ID": "7", "CHANNEL_PATTERNS": "order-{order_id}, ticket-{ticket_id}",
            "GETSTREAM_EXTRA_KEYS": "k0:s0,k2:s:2", "HOST": "", "PATH": "/bin", "STREAM_UNKNOWN": "theirs",
        ]) { $1 }
        let configuration = try Configuration.load(environment, file: "PORT: 9\nHOST: 10.0.0.1\nGETSTREAM_APP_ID: 8\n")
        #expect(configuration.port == 1234)
        #expect(configuration.provider.appID == "7")
        #expect(configuration.host == "10.0.0.1", "an empty variable is not set")
        #expect(configuration.channelPatterns == ["order-{order_id}", "ticket-{ticket_id}"])
        #expect(configuration.provider.extraKeys.map(\.secret) == [Secret("s0"), Secret("s:2")])
    }

    @Test(
        arguments: [
            ("65536", 65_536), ("64MB", 64_000_000), ("64MiB", 67_108_864), ("16 GiB", 17_179_869_184), ("5kB", 5_000),
            ("1B", 1),
        ] as [(String, Int64)]
    )
    func sizesHaveUnits(_ text: String, _ bytes: Int64) { #expect(ByteSize.parse(text) == bytes) }

    @Test(arguments: ["", "MB", "-1", "1.5GB", "1 TB", "99999999999GiB", "0x10", "1  MB"])
    func otherSizesAreNone(_ text: String) { #expect(ByteSize.parse(text) == nil) }

    // MARK: What is refused

    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var environment: [String: String] = [:]
        var file: String?
        let expected: String
    }

    static let faults = [
        Fault(
            testDescription: "unknown name",
            file: "PROT: 1",
            expected: "c.yaml:1:1: PROT is not a setting; did you mean PORT?"
        ),
        Fault(
            testDescription: "unknown own variable",
            environment: ["GETSTREAM_API_SECERT": "x"],
            expected: "environment: GETSTREAM_API_SECERT is not a setting; did you mean GETSTREAM_API_SECRET?"
        ),
        Fault(
            testDescription: "unknown own variable, far from all",
            environment: ["BACKCHANNEL_VERBOSE": "1"],
            expected: "environment: BACKCHANNEL_VERBOSE is not a setting"
        ),
        Fault(
            testDescription: "port",
            environment: ["PORT": "http"],
            expected: "PORT is \"http\"; allowed: an integer from 1 to 65535"
        ),
        Fault(testDescription: "port too high", file: "PORT: 65536", expected: "c.yaml:1:7: PORT is \"65536\""),
        Fault(testDescription: "host", environment: ["HOST": "a b"], expected: "HOST is \"a b\""),
        Fault(
            testDescription: "list for text",
            file: "HOST: [a]",
            expected: "c.yaml:1:7: HOST is a list; allowed: one text or number"
        ),
        Fault(
            testDescription: "text for list",
            file: "CHANNEL_PATTERNS: a",
            expected: "CHANNEL_PATTERNS is text; allowed: a list of texts"
        ),
        Fault(
            testDescription: "text for pairs",
            file: "GETSTREAM_EXTRA_KEYS: a:b",
            expected: "allowed: a mapping of key to secret"
        ),
        Fault(
            testDescription: "pair without colon",
            environment: ["GETSTREAM_EXTRA_KEYS": "a:b,c"],
            expected: "GETSTREAM_EXTRA_KEYS: allowed: key:secret"
        ),
        Fault(testDescription: "empty pair", environment: ["GETSTREAM_EXTRA_KEYS": "a:"], expected: "none empty"),
        Fault(
            testDescription: "pair twice",
            environment: ["GETSTREAM_EXTRA_KEYS": "a:b,a:c"],
            expected: "each key once"
        ),
        Fault(testDescription: "mongo", environment: ["MONGODB_URI": "localhost"], expected: "begins with mongodb://"),
        Fault(
            testDescription: "database",
            file: "MONGODB_DATABASE: a.b",
            expected: "MONGODB_DATABASE is \"a.b\"; allowed: a database's name"
        ),
        Fault(testDescription: "the server's database", file: "MONGODB_DATABASE: admin", expected: "a database's name"),
        Fault(
            testDescription: "ack",
            environment: ["ACK": "store"],
            expected: "allowed: queued or stored; did you mean stored?"
        ),
        Fault(
            testDescription: "level",
            environment: ["LOG_LEVEL": "loud"],
            expected: "LOG_LEVEL is \"loud\"; allowed: debug, info"
        ),
        Fault(
            testDescription: "size",
            environment: ["QUEUE_BYTES": "lots"],
            expected: "a size from 1MiB to 16384GiB, such as 64MB"
        ),
        Fault(
            testDescription: "size too small",
            environment: ["QUEUE_BYTES": "1kB"],
            expected: "QUEUE_BYTES is \"1kB\""
        ),
        Fault(
            testDescription: "address",
            environment: ["GETSTREAM_BASE_URL": "ftp://x"],
            expected: "http:// or https://"
        ),
        Fault(
            testDescription: "pattern without name",
            environment: ["CHANNEL_PATTERNS": "listing"],
            expected: "names in braces"
        ),
        Fault(
            testDescription: "pattern with unknown name",
            environment: ["CHANNEL_PATTERNS": "a-{listing}"],
            expected: "each of listing_id"
        ),
        Fault(
            testDescription: "pattern with open brace",
            environment: ["CHANNEL_PATTERNS": "a-{listing_id"],
            expected: "names in braces"
        ),
        Fault(
            testDescription: "pattern with a name twice",
            environment: ["CHANNEL_PATTERNS": "{order_id}-{order_id}"],
            expected: "each name once"
        ),
        Fault(
            testDescription: "field path",
            environment: ["MESSAGE_TYPE_FIELDS": "a..b"],
            expected: "dots between levels"
        ),
        Fault(
            testDescription: "short key",
            environment: ["ADMIN_API_KEY": "hunter2"],
            expected: "16 characters or more"
        ),
        Fault(
            testDescription: "name and alias differ",
            environment: ["STREAM_API_KEY": "other"],
            expected: "STREAM_API_KEY and GETSTREAM_API_KEY mean the same but differ"
        ),
        Fault(
            testDescription: "file in the file",
            file: "BACKCHANNEL_CONFIG: x",
            expected: "c.yaml:1:1: BACKCHANNEL_CONFIG belongs in the environment"
        ),
        Fault(
            testDescription: "not a mapping",
            file: "- PORT",
            expected: "c.yaml:1:1: found a list; allowed: settings"
        ),
        Fault(testDescription: "not YAML", file: "PORT: [1", expected: "c.yaml:2:1: "),
        Fault(
            testDescription: "key twice",
            file: "PORT: 1\nPORT: 2",
            expected: "c.yaml:2:1: found the key \"PORT\" again"
        ),
    ]

    @Test(arguments: faults)
    func isRefused(_ example: Fault) {
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration.load(Configuration.testSecrets.merging(example.environment) { $1 }, file: example.file)
        }
        #expect(error?.faults.count == 1)
        #expect(error?.description.contains(example.expected) == true, "\(error?.description ?? "")")
    }

    @Test func allFaultsAreListedAtOnce() {
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration.load(
                ["PORT": "x", "ACK": "y", "GETSTREAM_NOPE": "z"],
                file: "A: 1\nB: 2\nLOG_LEVEL: [x]\n"
            )
        }
        #expect(error?.faults.count == 6)
        #expect(error?.description.hasPrefix("the configuration has 6 faults:\n  ") == true)
    }

    @Test(arguments: [
        ([:], "no secret is set"),
        (["GETSTREAM_API_SECRET": ""], "no secret is set"),
        (["GETSTREAM_API_KEY": "k"], "no secret is set"),
        (["GETSTREAM_API_SECRET": "s"], "without GETSTREAM_API_KEY"),
        (["GETSTREAM_API_KEY": "k", "GETSTREAM_WEBHOOK_SECRET": "w"], "without GETSTREAM_API_SECRET"),
    ])
    func withoutSecretsNothingIsServed(_ environment: [String: String], _ expected: String) {
        let error = #expect(throws: ConfigurationError.self) { try Configuration.load(environment) }
        #expect(error?.faults.count == 1)
        #expect(error?.description.contains(expected) == true)
    }

    @Test func askingNeedsNoSecret() throws {
        #expect(try Configuration.load([:], for: .asking).signingSecrets.isEmpty)
        #expect(throws: ConfigurationError.self) { try Configuration.load([:], for: .signing) }
        #expect(try Configuration.load(["GETSTREAM_WEBHOOK_SECRET": "w"], for: .signing).signingSecrets.count == 1)
    }

    // MARK: Secrets

    @Test func secretsAreNeverPrinted() throws {
        let environment = [
            "GETSTREAM_API_KEY": "key", "GETSTREAM_API_SECRET": "hush1", "GETSTREAM_WEBHOOK_SECRET": "hush2",
            "GETSTREAM_EXTRA_KEYS": "k:hush3", "ADMIN_API_KEY": "hush4-0123456789",
            "MONGODB_URI": "mongodb://u:hush5@db/", "ALERT_WEBHOOK_URL": "https://x/hush6",
            "APP_MONGODB_URI": "mongodb://u:hush7@app/",
        ]
        let configuration = try Configuration.load(environment)
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("hush"))
            #expect(text.contains("•••"))
        }
        let broken = environment.mapValues { $0 + " \n" }
        let error = #expect(throws: ConfigurationError.self) { try Configuration.load(broken) }
        #expect(error?.faults.count == 8)
        #expect(error?.description.contains("hush") == false)
    }

    // MARK: The file

    @Test func theFileIsNamedByTheEnvironment() async throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.path
        let path = "\(folder)/settings.yaml"
        try Data("PORT: 4711\n".utf8).write(to: URL(filePath: path))
        let source = try ConfigurationSource(environment: ["BACKCHANNEL_CONFIG": path])
        #expect(try Configuration(from: source, for: .asking).port == 4711)
        let error = #expect(throws: ConfigurationError.self) {
            try ConfigurationSource(environment: ["BACKCHANNEL_CONFIG": "\(folder)/none.yaml"])
        }
        #expect(error?.description.contains("there is no such file") == true)
    }

    /// The documentation's table is the code's table.
    @Test func everySettingIsDocumented() throws {
        let path = repositoryRoot.appending(path: "docs/configuration.md").path
        let lines = try String(contentsOf: URL(filePath: path), encoding: .utf8).split(separator: "\n").map(String.init)
        let rows = lines.filter { $0.hasPrefix("| `") }
        #expect(rows == Setting.all.map(\.documentation), "docs/configuration.md and Settings.swift differ")
    }
}

extension Configuration {
    static let testSecrets = ["GETSTREAM_API_KEY": "key", "GETSTREAM_API_SECRET": "topsecret"]

    static func load(
        _ environment: [String: String] = testSecrets,
        file: String? = nil,
        for purpose: Configuration.Purpose = .serving
    ) throws(ConfigurationError) -> Configuration {
        let source = ConfigurationSource(
            environment: environment,
            file: file.map { ("c.yaml", Array($0.utf8)) }
        )
        return try Configuration(from: source, for: purpose)
    }
}
