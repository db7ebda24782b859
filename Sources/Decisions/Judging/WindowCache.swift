import Chat
import History
import Rules

/// The last messages of users and channels, as far as they are remembered: what rates are counted by.
///
/// What is here holds as long as nobody else writes to the history; then all of it is read again.
struct WindowCache {
    struct Key: Hashable {
        let author: MessageAuthor
        var kind = Kind.messages
    }

    enum Kind {
        case messages
        /// `member.added`.
        case joins
        /// Events that were judged by the others and are not among them: see ``Observation/isOnlooker``.
        case onlookers
    }

    private var young: [Key: Window] = [:]
    private var old: [Key: Window] = [:]
    private var epoch: Int64?
    /// Windows hold what one rule set needs of texts.
    private var ruleSet = ""
    private let most: Int
    /// Some windows had to make room for others.
    private(set) var hasForgotten = false

    /// - Parameter most: windows kept.
    init(most: Int) { self.most = most }

    /// Forgets all that may no longer be so.
    mutating func use(epoch: Int64, ruleSet: String) {
        guard self.epoch != epoch || self.ruleSet != ruleSet else { return }
        (young, old, self.epoch, self.ruleSet) = ([:], [:], epoch, ruleSet)
    }

    subscript(key: Key) -> Window? {
        mutating get {
            if let window = young[key] { return window }
            guard let window = old.removeValue(forKey: key) else { return nil }
            keep(window, key)
            return window
        }
    }

    mutating func forget(_ messages: [MessageState]) {
        for message in messages {
            for key in Key.all(of: message, Set(Subject.allCases)) { (young[key], old[key]) = (nil, nil) }
        }
    }

    mutating func keep(_ window: Window, _ key: Key) {
        if young.count >= most / 2, young[key] == nil {
            if !old.isEmpty { hasForgotten = true }
            (old, young) = (young, [:])
        }
        young[key] = window
    }
}
