import JSON

/// What the app's hook is asked before a message is sent.
///
/// Source: contract, "Before Message Send".
struct HookQuestion: Sendable {
    let url: String
    let body: Fields
    let id: String
    /// For the one attempt.
    let milliseconds: Int64
}

/// What the app's hook says.
enum HookVerdict: Sendable, Equatable {
    case accepted
    /// Fields of the message that are to be others.
    case rewritten(Fields)
    /// A text for the sender.
    case refused(String)
    /// No answer, or none that counts: the message is sent and says so.
    case failed

    /// Anything but 200 fails; what is no change is none.
    init(status: Int, body: [UInt8]) {
        guard status == 200 else {
            self = .failed
            return
        }
        let answer = (try? Value(JSONParser().parse(body)))?.object
        guard body.isEmpty || answer != nil else {
            self = .failed
            return
        }
        guard let message = answer?["message"]?.object, !message.isEmpty else {
            self = .accepted
            return
        }
        self = message["type"]?.string == "error" ? .refused(message["text"]?.string ?? "") : .rewritten(message)
    }
}
