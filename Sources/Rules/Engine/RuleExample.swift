package import Chat
package import JSON

/// An example's event, as the provider would send it, and what is known beside it.
struct RuleExample {
    /// Values that the event does not carry.
    private(set) var facts: [ValuePath: RuleValue] = [:]
    /// What the example says of it; `nil` leaves it to the model.
    var spam: Double? { test.spam }
    private let test: RuleTest
    private let body: [UInt8]

    static let user = "tester"
    static let cid = "messaging:test"
    static let messageID = "tested-message"
    /// A Wednesday at noon.
    static let time = Timestamp(milliseconds: 1_767_787_200_000)

    init(_ test: RuleTest) {
        self.test = test
        var tree = JSONTree()
        let time = test.at ?? Self.time
        tree.set(["type"], .text(test.event.rawValue))
        tree.set(["created_at"], .time(time))
        tree.set(["cid"], .text(Self.cid))
        let isAboutMessage = test.event == RuleEvent.commandReceived || test.event.rawValue.hasPrefix("message.")
        let place = isAboutMessage ? ["message"] : []
        tree.set(place + ["user", "id"], .text(Self.user))
        if isAboutMessage {
            tree.set(["message", "id"], .text(Self.messageID))
            tree.set(["message", "text"], .text(test.text ?? ""))
            tree.set(["message", "created_at"], .time(time))
        } else if test.event == RuleEvent.memberAdded {
            tree.set(["member", "user_id"], .text(Self.user))
        }
        for given in test.given {
            switch given.path.root {
            case .event: tree.set(given.path.keys, given.value)
            case .message: tree.set(["message"] + given.path.keys, given.value)
            case .user: tree.set(place + ["user"] + given.path.keys, given.value)
            case .channel: tree.set(["channel"] + given.path.keys, given.value)
            case .command:
                let field = given.path.keys == ["name"] ? "command" : "args"
                tree.set(["message", field], given.value)
            case .thing, .seller, .buyer: facts[given.path] = given.value
            }
        }
        body = Array(tree.json.utf8)
    }

    /// `nil` where what is given makes no event.
    var decoded: (event: ChatEvent, body: JSONValue)? {
        try? StreamProvider().decoded(
            body,
            id: EventID(bytes: []),
            receivedAt: test.at ?? Self.time,
            parser: JSONParser()
        )
    }

    /// The messages before it, as the windows of a question.
    func windows(_ examiner: Examiner) -> (InputKey) -> Window {
        let time = test.at ?? Self.time
        var all: [(entry: WindowEntry, user: String, cid: String)] = []
        for earlier in test.earlier {
            for number in 0..<earlier.count {
                let ago = earlier.ago.nanoseconds / Int64(earlier.count) * Int64(number + 1)
                let cid = earlier.cid ?? Self.cid
                let entry = examiner.windowEntry(
                    "earlier \(all.count)",
                    cid: cid,
                    at: Timestamp(nanoseconds: time.nanoseconds - ago),
                    text: earlier.text,
                    mentions: 0
                )
                all.append((entry, earlier.user ?? Self.user, cid))
            }
        }
        return { key in
            let per: Subject =
                switch key {
                case .rate(_, _, let per), .first(let per), .silence(let per): per
                case .value, .spam, .spamModel: .user
                }
            let mine = all.filter { entry in
                switch per {
                case .user: entry.user == Self.user
                case .channel: entry.cid == Self.cid
                case .userInChannel: entry.user == Self.user && entry.cid == Self.cid
                }
            }
            return Window(mine.map(\.entry))
        }
    }
}

/// A JSON object being put together from paths.
private struct JSONTree {
    private indirect enum Node {
        case value(RuleValue)
        case names([(name: String, node: Node)])
    }

    private var names: [(name: String, node: Node)] = []

    mutating func set(_ path: [String], _ value: RuleValue) { Self.set(path[...], value, &names) }

    private static func set(_ path: ArraySlice<String>, _ value: RuleValue, _ names: inout [(name: String, node: Node)])
    {
        guard let first = path.first else { return }
        let place = names.firstIndex { $0.name == first }
        var node = Node.value(value)
        if path.count > 1 {
            var inner: [(name: String, node: Node)] = []
            if let place, case .names(let known) = names[place].node { inner = known }
            set(path.dropFirst(), value, &inner)
            node = .names(inner)
        }
        if let place { names[place].node = node } else { names.append((first, node)) }
    }

    var json: String {
        var writer = JSONWriter(capacity: 512)
        Self.write(names, to: &writer)
        return writer.text
    }

    private static func write(_ names: [(name: String, node: Node)], to writer: inout JSONWriter) {
        writer.object { writer in
            for (name, node) in names {
                switch node {
                case .value(let value): writer.field(name) { value.write(to: &$0) }
                case .names(let inner): writer.field(name) { write(inner, to: &$0) }
                }
            }
        }
    }
}

extension RuleValue {
    package func write(to writer: inout JSONWriter) {
        switch self {
        case .text(let text): writer.string(text)
        case .number(let number):
            if let whole = Int64(exactly: number) { writer.int(whole) } else { writer.double(number) }
        case .flag(let flag): writer.bool(flag)
        case .time(let time): writer.string(time.rfc3339)
        case .texts(let texts): writer.array { for text in texts { $0.string(text) } }
        }
    }
}
