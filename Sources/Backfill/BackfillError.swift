package import MongoDB
package import Provider

/// Why a back-fill has not come to its end; what it read until then is stored.
package enum BackfillError: Error, Sendable, CustomStringConvertible {
    case provider(ProviderError)
    case mongo(MongoError)
    case noChannel(String)
    /// Another one is under way.
    case busy
    /// Another one was begun, which this one gave way to.
    case superseded
    case interrupted

    package var description: String {
        switch self {
        case .provider(let error): "back-fill: \(error)"
        case .mongo(let error): "back-fill: \(error)"
        case .noChannel(let cid): "back-fill: the provider shows no channel \(cid); check --channel"
        case .busy: "back-fill: another one is under way"
        case .superseded: "back-fill: another one was begun meanwhile, and this one has stopped"
        case .interrupted: "back-fill: interrupted; the same command goes on where it stopped"
        }
    }
}
