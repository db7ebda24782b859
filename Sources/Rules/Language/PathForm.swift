import Chat
import Limits
import Spelling
import YAML

extension ValuePath {
    /// Roots that are a word by themselves, in the order in which faults list them.
    static let roots: [(name: String, root: Root)] =
        [
            ("event", .event), ("message", .message), ("user", .user), ("channel", .channel), ("seller", .seller),
            ("buyer", .buyer), ("command", .command),
        ] + Self.things.map { ($0, .thing($0)) }

    /// What messages about paths list: the roots, and how others are written.
    static let rootNames = roots.map(\.name) + ["fact"]

    /// Kinds of things whose facts are found: who acts, where, and what the business context gives.
    static let factKinds = ["user", "channel", "event"] + Self.things

    static let commandFields = ["name", "text", "word"]

    struct Fault: Error { let problem: String }

    /// Reads `listing.status`, `fact.user.balance`, `event.channel.member_count`.
    init(parsing text: String, names most: Int, bytes: Int) throws(Fault) {
        let names = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard text.utf8.count <= bytes, names.count <= most else {
            throw Fault(problem: "the path is longer than \(most) names or \(bytes) bytes")
        }
        guard names.allSatisfy({ !$0.isEmpty && !$0.unicodeScalars.contains(where: \.properties.isWhitespace) }) else {
            throw Fault(problem: "found \(Wording.quoted(text)); allowed: names joined by dots, such as listing.status")
        }
        let isFact = names[0] == "fact"
        guard let root = isFact ? .event : Self.roots.first(where: { $0.name == names[0] })?.root else {
            let meant = Wording.allowed(Self.rootNames, for: names[0], also: Self.confused)
            throw Fault(
                problem: "unknown value \(Wording.quoted(text)): nothing is called \(Wording.quoted(names[0]))\(meant)"
            )
        }
        let keys = Array(names.dropFirst(isFact ? 2 : 1))
        guard !keys.isEmpty else {
            let example = isFact ? "fact.user.balance" : names[0] == "command" ? "command.word" : "\(names[0]).status"
            throw Fault(problem: "found \(Wording.quoted(text)); allowed: its field as well, such as \(example)")
        }
        if root == .command, keys.count > 1 || !Self.commandFields.contains(keys[0]) {
            let meant = Wording.allowed(Self.commandFields.map { "command.\($0)" }, for: text)
            throw Fault(problem: "unknown value \(Wording.quoted(text))\(meant)")
        }
        if isFact, !Self.factKinds.contains(names[1]) {
            let meant = Wording.allowed(Self.factKinds, for: names[1], also: ["sender": "user"])
            throw Fault(
                problem:
                    "\(text): no event says which \(Wording.quoted(names[1])) is meant, so that it is never known\(meant)"
            )
        }
        self.init(isFact ? .thing(names[1]) : root, keys)
    }

    private static let confused = [
        "sender": "user", "author": "user", "member": "user", "conversation": "channel", "facts": "fact",
        "text": "message",
    ]
}

extension Form where Value == ValuePath {
    static var path: Form {
        let allowed = "a path such as listing.status or user.role"
        return Form(allowed: allowed, schema: .text(pattern: "\\.")) { node, reading in
            guard let text = node.written else {
                reading.refuse(node, allowed: allowed)
                return nil
            }
            return reading.path(text, at: node.position)
        }
    }
}

extension Reading {
    /// The path that `text` writes, or a fault.
    mutating func path(_ text: String, at position: YAMLPosition) -> ValuePath? {
        do throws(ValuePath.Fault) {
            return try ValuePath(parsing: text, names: limits.pathNames, bytes: limits.nameBytes)
        } catch {
            refuse(position, error.problem)
            return nil
        }
    }
}
