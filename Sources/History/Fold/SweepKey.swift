/// The messages to recompute because their channel or sender changed.
package enum SweepKey: Sendable, Hashable {
    case channel(String)
    case user(String)

    package var documentID: String {
        switch self {
        case .channel(let cid): "channel:" + cid
        case .user(let id): "user:" + id
        }
    }

    package init?(documentID: String) {
        if documentID.hasPrefix("channel:") {
            self = .channel(String(documentID.dropFirst("channel:".count)))
        } else if documentID.hasPrefix("user:") {
            self = .user(String(documentID.dropFirst("user:".count)))
        } else {
            return nil
        }
    }
}
