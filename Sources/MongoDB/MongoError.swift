/// A failure of MongoDB or on the way to it.
///
/// Callers branch on ``kind`` and ``isTransient``, people read ``description``; neither holds documents' content.
package struct MongoError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// The key is stored already. In a transaction this has aborted it.
        case duplicateKey
        /// The server aborted the transaction and asks for it to be run again from its start.
        case transientTransaction
        /// Whether the transaction was committed is unknown.
        case unknownCommitResult
        /// No server was found, or the connection broke before the answer was complete.
        case unreachable
        /// The server is not primary (any more), or is shutting down.
        case notPrimary
        /// A time limit passed: the operation's, the connection's, or that of waiting for a free connection.
        case timedOut
        /// Two writers met in one document, outside of a transaction.
        case writeConflict
        /// The server understood and said no; `code` is MongoDB's.
        case refused(code: Int)
        /// A document or command is over MongoDB's limits of size or nesting.
        case tooLarge
        /// Not even sent: the call itself is wrong.
        case invalidArgument
        /// Transactions need a replica set, which this server is not in.
        case noReplicaSet
    }

    package let kind: Kind
    /// MongoDB's number for the failure, or 0.
    package let code: Int
    package let description: String
    /// Which of the given documents or updates failed, where that is known.
    package internal(set) var index: Int?
    /// The server's own opinion: `TransientTransactionError`, `UnknownTransactionCommitResult`, `RetryableWriteError`.
    package let labels: Set<String>

    /// Worth retrying unchanged: a transaction from its start, anything else by itself.
    package var isTransient: Bool {
        switch kind {
        case .transientTransaction, .unknownCommitResult, .unreachable, .notPrimary, .timedOut, .writeConflict: true
        case .duplicateKey, .refused, .tooLarge, .invalidArgument, .noReplicaSet: !labels.isEmpty
        }
    }

    /// The server understood and said no.
    package var isRefusal: Bool { if case .refused = kind { true } else { false } }

    /// A member of a replica set that has no configuration: just starting, or never initiated.
    package static let replicaSetNotReady = MongoError(
        .notPrimary,
        "The replica set of MONGODB_URI has no configuration yet: it is starting, or rs.initiate() was never run on it."
    )

    /// A database that answers and is still not to be used, for the reason given.
    package static func refusal(_ sentence: String) -> MongoError { MongoError(.refused(code: 0), sentence) }

    /// - Parameter description: what was tried and what happened; no content.
    init(_ kind: Kind, code: Int = 0, labels: Set<String> = [], index: Int? = nil, _ description: String) {
        self.kind = kind
        self.code = code
        self.labels = labels
        self.index = index
        self.description = description
    }
}
