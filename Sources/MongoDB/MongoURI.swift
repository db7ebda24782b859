import CMongoC
import Limits

/// What this service adds to the address an operator gave.
enum MongoURI {
    static func complete(_ uri: OpaquePointer, appName: String, limits: Limits.Mongo) {
        let milliseconds = [
            MONGOC_URI_CONNECTTIMEOUTMS: limits.connectMilliseconds,
            MONGOC_URI_SERVERSELECTIONTIMEOUTMS: limits.serverSelectionMilliseconds,
            MONGOC_URI_SOCKETTIMEOUTMS: limits.socketMilliseconds,
            MONGOC_URI_WAITQUEUETIMEOUTMS: limits.socketMilliseconds,
            MONGOC_URI_MAXPOOLSIZE: limits.poolConnections,
        ]
        for (name, value) in milliseconds where !mongoc_uri_has_option(uri, name) {
            mongoc_uri_set_option_as_int32(uri, name, Int32(clamping: value))
        }
        if !mongoc_uri_has_option(uri, MONGOC_URI_APPNAME) { mongoc_uri_set_appname(uri, appName) }
        if !mongoc_uri_has_option(uri, MONGOC_URI_W), !mongoc_uri_has_option(uri, MONGOC_URI_JOURNAL) {
            let durable = WriteConcern.majorityJournaled()
            defer { mongoc_write_concern_destroy(durable) }
            mongoc_uri_set_write_concern(uri, durable)
        }
    }

    /// libmongoc's reason, without what it quotes.
    static func explain(_ error: bson_error_t) -> String {
        let message = withUnsafeBytes(of: error.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return MongoError.withoutContent(message)
    }
}

enum WriteConcern {
    /// The caller destroys it.
    static func majorityJournaled() -> OpaquePointer? {
        let concern = mongoc_write_concern_new()
        mongoc_write_concern_set_wmajority(concern, 0)
        mongoc_write_concern_set_journal(concern, true)
        return concern
    }
}
