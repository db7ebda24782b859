import Chat
package import History
import JSON
import MongoDB

/// Messages as answers give them: the reference design's names first, then whatever else is stored.
package enum MessageJSON {
    private static let leading: Set<String> = [
        "_id", "text", "sender_id", "createdAt", "type", "is_flagged", "v",
    ]

    static func write(_ page: MessagePage, _ order: MessageQuery.Order, to writer: inout JSONWriter) {
        let documents = DocumentJSON()
        writer.field("data") {
            $0.array { for message in page.messages { $0.object { write(message, documents, to: &$0) } } }
        }
        writer.field("total", page.total)
        writer.field("next", page.next.map { MessageCursor(order, $0).text })
    }

    static func write(_ details: MessageDetails, to writer: inout JSONWriter) {
        let documents = DocumentJSON()
        write(details.message, documents, to: &writer)
        writer.field("edits") {
            $0.array {
                for edit in details.edits {
                    $0.object {
                        $0.field("text", edit.text)
                        $0.field("at", edit.at)
                    }
                }
            }
        }
        writer.field("reactions") {
            $0.array {
                for reaction in details.reactions { $0.object { documents.writeFields(of: reaction, to: &$0) } }
            }
        }
    }

    static func write(_ message: StoredMessage, to writer: inout JSONWriter) {
        write(message, DocumentJSON(), to: &writer)
    }

    /// JSON lines: each message as an answer gives it, and a line feed.
    package static func lines(_ messages: [StoredMessage]) -> [UInt8] {
        let documents = DocumentJSON()
        var bytes: [UInt8] = []
        for message in messages {
            var writer = JSONWriter(capacity: 1_024)
            writer.object { write(message, documents, to: &$0) }
            bytes += writer.bytes
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }

    private static func write(_ message: StoredMessage, _ documents: DocumentJSON, to writer: inout JSONWriter) {
        let stored = message.document
        let id = stored.string("_id")
        writer.field("_id", id)
        writer.field("stream_message_id", id)
        writer.field("text", stored.string("text"))
        writer.field("sender_id") { writer in
            guard let sender = message.sender else { return writer.null() }
            writer.object {
                $0.field("_id", sender.id)
                $0.field("display_name", sender.name)
                $0.field("avatar", sender.image)
            }
        }
        writer.field("createdAt", stored.date("createdAt").map(Timestamp.init(milliseconds:)))
        writer.field("type", stored.string("type"))
        writer.field("is_flagged", stored.bool("is_flagged") ?? false)
        documents.writeFields(of: stored, except: leading, to: &writer)
    }
}
