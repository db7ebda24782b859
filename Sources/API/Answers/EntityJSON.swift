import Chat
import History
import JSON
import MongoDB

/// Channels, users, listings and sellers as answers give them: what is stored, and counters also where they are zero.
enum EntityJSON {
    private static let userCounters = ["total_messages_sent", "total_reactions", "total_reads", "engagement_score"]
    private static let banFields: Set<String> = ["banned", "ban_shadow", "ban_reason", "ban_expires", "banned_by"]

    static func write(_ channel: ChannelDetails, to writer: inout JSONWriter) {
        let counters = ["message_count", "read_count"]
        let document = channel.document
        DocumentJSON().writeFields(of: document, except: Set(["v", "sender_removals"] + counters), to: &writer)
        for kind in BusinessContext.Kind.allCases where document.string(kind.field) == nil {
            if let id = channel.context[kind] { writer.field(kind.field, id) }
        }
        write(counters, of: document, to: &writer)
    }

    static func write(_ user: UserDetails, now: Timestamp, to writer: inout JSONWriter) {
        let document = user.document
        DocumentJSON().writeFields(of: document, except: banFields.union(userCounters), to: &writer)
        write(userCounters, of: document, to: &writer)
        writer.field("message_count", document.int64("total_messages_sent") ?? 0)
        writer.field("bans") {
            $0.array {
                if isBanned(document, now) { $0.object { writeBan(document, to: &$0) } }
                for ban in user.channelBans { $0.object { writeBan(ban, to: &$0) } }
            }
        }
        writer.field("mutes") {
            $0.array {
                for mute in user.mutes {
                    $0.object {
                        $0.field("target_user_id", mute.string("target_user_id"))
                        $0.field("target_cid", mute.string("target_cid"))
                        $0.field("expires", mute.date("expires").map(Timestamp.init(milliseconds:)))
                    }
                }
            }
        }
    }

    static func write(listing: BSONDocument, to writer: inout JSONWriter) {
        let counters = ["message_count", "engagement_score"]
        DocumentJSON().writeFields(of: listing, except: Set(counters), to: &writer)
        write(counters, of: listing, to: &writer)
    }

    static func write(_ seller: SellerDetails, id: String, to writer: inout JSONWriter) {
        writer.field("_id", id)
        writer.field("seller_metrics") {
            $0.object {
                $0.field("avg_response_time", seller.averageReadMilliseconds)
                $0.field("read_count", seller.reads)
            }
        }
        writer.field("user") { writer in
            guard let user = seller.user else { return writer.null() }
            writer.object { DocumentJSON().writeFields(of: user, to: &$0) }
        }
    }

    private static func write(_ counters: [String], of document: BSONDocument, to writer: inout JSONWriter) {
        for counter in counters { writer.field(counter, document.int64(counter) ?? 0) }
    }

    private static func isBanned(_ user: BSONDocument, _ now: Timestamp) -> Bool {
        user.bool("banned") == true && user.date("ban_expires").map { $0 > now.milliseconds } ?? true
    }

    /// - Parameter ban: a user, or a member of a channel.
    private static func writeBan(_ ban: BSONDocument, to writer: inout JSONWriter) {
        writer.field("cid", ban.string("cid"))
        writer.field("shadow", ban.bool("ban_shadow") ?? false)
        writer.field("reason", ban.string("ban_reason"))
        writer.field("by", ban.string("banned_by"))
        writer.field("expires", ban.date("ban_expires").map(Timestamp.init(milliseconds:)))
    }
}
