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

    private var windows: RecentlyUsed<Key, Window>
    private var epoch: Int64?
    /// Windows hold what one rule set needs of texts.
    private var ruleSet = ""

    /// - Parameter most: windows kept.
    init(most: Int) { windows = RecentlyUsed(most: most) }

    /// Some windows had to make room for others.
    var hasForgotten: Bool { windows.hasForgotten }

    /// Forgets all that may no longer be so.
    mutating func use(epoch: Int64, ruleSet: String) {
        guard self.epoch != epoch || self.ruleSet != ruleSet else { return }
        windows.removeAll()
        (self.epoch, self.ruleSet) = (epoch, ruleSet)
    }

    subscript(key: Key) -> Window? {
        mutating get { windows[key] }
    }

    mutating func forget(_ messages: [MessageState]) {
        for message in messages {
            for key in Key.all(of: message, Set(Subject.allCases)) { windows[key] = nil }
        }
    }

    mutating func keep(_ window: Window, _ key: Key) { windows[key] = window }
}
