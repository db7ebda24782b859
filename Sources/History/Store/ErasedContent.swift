import Chat
import Limits
import MongoDB

/// Finds what has been erased in bodies that may not even be JSON.
struct ErasedContent {
    private let connection: MongoConnection
    private let session: MongoSession?
    private let database: String

    init(_ connection: MongoConnection, _ session: MongoSession? = nil, of database: String) {
        (self.connection, self.session, self.database) = (connection, session, database)
    }

    init(_ sweeper: Sweeper) { self.init(sweeper.connection, sweeper.session, of: sweeper.database) }

    /// Whether the body names an erased user or an erased message.
    func isNamed(in body: [UInt8]) throws(MongoError) -> Bool {
        let strings = QuotedStrings.all(in: body, bytesMost: Limits.Worker().identifierBytes)
        let reader = MongoEntityReader(connection: connection, session: session, database: database)
        if try !reader.erasedUsers(among: strings).isEmpty { return true }
        return try !reader.erasedMessages(among: strings).isEmpty
    }
}
