import Chat
import Crypto
import Limits
import MongoDB

/// An entry with its values committed to: what the chain takes up, and what waits for it.
struct SealedEntry: Sendable, Equatable {
    /// Sixteen random bytes: an entry is chained once, however often that is tried.
    let origin: [UInt8]
    /// In whole milliseconds.
    let at: Timestamp
    let action: String
    let key: String
    let role: String?
    let kind: String
    /// In the order of their names.
    private(set) var values: [AuditValue]

    /// - Throws: ``RandomnessUnavailable``, for without salts there are no commitments.
    init(_ entry: AuditEntry, limits: Limits.Audit) throws(RandomnessUnavailable) {
        origin = try randomBytes(Self.originBytes)
        at = entry.at.roundedDownToMilliseconds
        (action, key, role) = (entry.action, entry.authority.key, entry.authority.role)
        kind = entry.subject.kind
        var texts: [String: String] = [:]
        for (name, text) in entry.details.sorted(by: { $0.key < $1.key }).prefix(limits.values - Self.ownNames.count) {
            texts[name] = text
        }
        texts[Self.actor] = entry.actor
        texts[Self.subject] = entry.subject.id
        texts[Self.user] = entry.user
        var values: [AuditValue] = []
        for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
            let salt = try randomBytes(AuditValue.saltBytes)
            values.append(AuditValue(name, text.cut(toBytes: limits.valueBytes), salt: salt))
        }
        self.values = values
    }

    subscript(name: String) -> String? { values.first { $0.name == name }?.opening?.value }

    /// Those beside actor, subject and user.
    var details: [(name: String, value: String)] {
        values.compactMap { value in
            Self.ownNames.contains(value.name) ? nil : value.opening.map { (name: value.name, value: $0.value) }
        }
    }

    /// Forgets every value that names the user.
    ///
    /// - Returns: the names of these values.
    mutating func erase(_ user: String) -> [String] {
        var erased: [String] = []
        for index in values.indices where values[index].opening?.value.names(user) ?? false {
            values[index].erase()
            erased.append(values[index].name)
        }
        return erased
    }

    static let actor = "actor"
    static let subject = "subject"
    static let user = "user"
    private static let ownNames = [actor, subject, user]
    private static let originBytes = 16
}

// MARK: What is hashed

extension SealedEntry {
    /// Everything but the values: these come in by their commitments alone.
    func write(to bytes: inout CanonicalBytes) {
        bytes.append(origin)
        bytes.append(at.milliseconds)
        for text in [action, key, kind] { bytes.append(Array(text.utf8)) }
        bytes.append(Int64(role == nil ? 0 : 1))
        bytes.append(Array((role ?? "").utf8))
        bytes.append(Int64(values.count))
        for value in values {
            bytes.append(Array(value.name.utf8))
            bytes.append(value.commitment)
        }
    }
}

/// Fields one after another, each so that it cannot be taken for its neighbour: numbers as eight bytes, big end first, bytes
/// after their number.
struct CanonicalBytes {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ number: Int64) { withUnsafeBytes(of: number.bigEndian) { bytes += $0 } }

    mutating func append(_ field: [UInt8]) {
        append(Int64(field.count))
        bytes += field
    }
}

// MARK: As it is stored

extension SealedEntry {
    func append(to document: inout BSONDocument) {
        document.append("origin", origin)
        document.append("at", date: at.milliseconds)
        document.append("action", action)
        document.append("key", key)
        document.append("role", ifPresent: role)
        document.append("kind", kind)
        document.append("values") { for value in values { $0.append(value.name, ifPresent: value.opening?.value) } }
        document.append("salts") { document in
            for value in values { if let opening = value.opening { document.append(value.name, opening.salt) } }
        }
        document.append("commitments") { for value in values { $0.append(value.name, value.commitment) } }
    }

    init?(_ document: BSONDocument) {
        guard let origin = document.binary("origin"), let at = document.time("at"),
            let action = document.string("action"), let key = document.string("key"),
            let kind = document.string("kind"), let values = document.document("values"),
            let salts = document.document("salts"), let commitments = document.document("commitments")
        else { return nil }
        (self.origin, self.at, self.action, self.key, self.kind) = (origin, at, action, key, kind)
        role = document.string("role")
        var read: [AuditValue] = []
        for (name, commitment) in commitments {
            guard let commitment = commitment.binary else { return nil }
            let (text, salt) = (values.string(name), salts.binary(name))
            // One without the other is what no erasure leaves.
            guard (text == nil) == (salt == nil) else { return nil }
            let opening = text.flatMap { text in salt.map { AuditValue.Opening(value: text, salt: $0) } }
            read.append(AuditValue(name, commitment: commitment, opening: opening))
        }
        self.values = read
    }
}
