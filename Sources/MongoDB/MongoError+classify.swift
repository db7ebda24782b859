import CMongoC

/// Where a C failure becomes a Swift one.
extension MongoError {
    static let transientTransactionLabel = "TransientTransactionError"
    static let unknownCommitLabel = "UnknownTransactionCommitResult"

    /// A failed call's error, with the labels of the reply.
    init(_ error: bson_error_t, reply: BSONDocument? = nil, while operation: String) {
        let message = withUnsafeBytes(of: error.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let labels = Set((reply?.array("errorLabels") ?? []).compactMap(\.string))
        let code = Int(error.code)
        let kind =
            switch mongoc_error_domain_t(error.domain) {
            case MONGOC_ERROR_SERVER_SELECTION, MONGOC_ERROR_STREAM: Kind.unreachable
            case MONGOC_ERROR_SERVER, MONGOC_ERROR_WRITE_CONCERN: Self.kind(serverCode: code, message, labels)
            case MONGOC_ERROR_CLIENT where error.code == MONGOC_ERROR_CLIENT_AUTHENTICATE.rawValue:
                Kind.refused(code: Self.authenticationFailed)
            case MONGOC_ERROR_COMMAND where message.contains("invalidated server"): Kind.unreachable
            case MONGOC_ERROR_COMMAND, MONGOC_ERROR_BSON, MONGOC_ERROR_NAMESPACE, MONGOC_ERROR_CURSOR,
                MONGOC_ERROR_TRANSACTION:
                Kind.invalidArgument
            case MONGOC_ERROR_CLIENT where error.code == MONGOC_ERROR_CLIENT_TOO_BIG.rawValue: Kind.tooLarge
            case MONGOC_ERROR_POOL, MONGOC_ERROR_CLIENT: Kind.unreachable
            default: Self.kind(serverCode: code, message, labels)
            }
        // What failed on the way names commands and addresses, never a document.
        let detail = kind == .unreachable ? message : Self.withoutContent(message)
        self.init(kind, code: code, labels: labels, Self.sentence(kind, detail, while: operation))
    }

    /// An entry of a reply's `writeErrors`, or its `writeConcernError`.
    init(entry: BSONDocument, labels: Set<String>, while operation: String) {
        let code = Int(entry.int64("code") ?? 0)
        let message = entry.string("errmsg") ?? "no reason given"
        let kind = Self.kind(serverCode: code, message, labels)
        self.init(
            kind,
            code: code,
            labels: labels,
            index: entry.int64("index").map(Int.init),
            Self.sentence(kind, Self.withoutContent(message), while: operation)
        )
    }

    /// MongoDB's numbers.
    ///
    /// Source: mongo/src/mongo/base/error_codes.yml, MongoDB 6.0.
    private static func kind(serverCode code: Int, _ message: String, _ labels: Set<String>) -> Kind {
        switch code {
        case 11000, 11001, 12582: .duplicateKey
        case 20 where message.contains("replica set"): .noReplicaSet
        case 91, 189, 10058, 10107, 11600, 11602, 13435, 13436: .notPrimary
        case _ where labels.contains(transientTransactionLabel): .transientTransaction
        case _ where labels.contains(unknownCommitLabel): .unknownCommitResult
        // 11601 also meets whoever asks while a server starts or steps down.
        case 6, 7, 9001, 11601: .unreachable
        case 50, 89, 202, 262: .timedOut
        case 112: .writeConflict
        case 10334, 17280, 17419, 17420: .tooLarge
        case 15 where message.contains("nest") || message.contains("depth"): .tooLarge
        default: .refused(code: code)
        }
    }

    private static let authenticationFailed = 18

    private static func sentence(_ kind: Kind, _ detail: String, while operation: String) -> String {
        let advice =
            switch kind {
            case .duplicateKey: "The key is stored already."
            case .transientTransaction: "Run the whole transaction again."
            case .unknownCommitResult: "It may or may not be committed; a retry is safe if it is idempotent."
            case .unreachable: "Check that MONGODB_URI names a running server; a retry is safe."
            case .notPrimary: "An election is under way; a retry finds the new primary."
            case .timedOut, .writeConflict: "A retry may succeed."
            case .refused, .invalidArgument: "Retrying unchanged will not help."
            case .tooLarge: "MongoDB holds at most 16 MB and 180 levels in a document."
            case .noReplicaSet: "Transactions need a replica set, even of one: start mongod with --replSet."
            }
        return "\(operation): \(detail). \(advice)"
    }

    /// Servers quote keys and values in their messages: ends where the first quotation or document begins.
    static func withoutContent(_ message: String) -> String {
        var previous: Character = " "
        for index in message.indices {
            let character = message[index]
            let begins = character == "{" || character == "\"" || (character == "'" && !previous.isLetter)
            if begins { return message[..<index] + "…" }
            previous = character
        }
        return message
    }
}
