import CMongoC

/// libmongoc itself, set up once a process.
enum Driver {
    /// Read it before any call of libmongoc.
    ///
    /// Its log, which could name addresses and commands, goes nowhere: every failure arrives as a ``MongoError``
    /// anyway. Source: libmongoc manual, `mongoc_init`, "Logging".
    static let ready: Void = {
        mongoc_log_set_handler({ _, _, _, _ in }, nil)  // first, because initialising may already warn
        mongoc_init()
    }()
}

/// MongoDB's own limits.
///
/// Source: MongoDB manual, "MongoDB Limits and Thresholds".
enum ServerLimits {
    static let documentBytes = 16 * 1_048_576
    /// Documents within documents.
    ///
    /// The manual promises 100, MongoDB 6.0 stores 180.
    static let nestingLevels = 180
    /// Where this module begins another write command: well below what one command may hold.
    static let writeCommandBytes = 1_048_576
    static let writeCommandOperations = 100_000
}
