/// Values by key, of which those stay that were used last, in bounded memory.
///
/// Two generations: what is used moves to the young one, and when that is full the old one goes. So no list of uses is kept.
struct RecentlyUsed<Key: Hashable, Value> {
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]
    private let most: Int
    /// Some had to make room for others.
    private(set) var hasForgotten = false

    /// - Parameter most: values kept.
    init(most: Int) { self.most = most }

    var isEmpty: Bool { young.isEmpty && old.isEmpty }

    /// In no order.
    var keys: [Key] { Array(young.keys) + old.keys.filter { young[$0] == nil } }

    subscript(key: Key) -> Value? {
        mutating get {
            if let value = young[key] { return value }
            guard let value = old.removeValue(forKey: key) else { return nil }
            keep(value, key)
            return value
        }
        set {
            guard let newValue else {
                (young[key], old[key]) = (nil, nil)
                return
            }
            keep(newValue, key)
        }
    }

    /// Changes what is there, without counting as a use; does nothing where nothing is.
    mutating func update(_ key: Key, _ change: (inout Value) -> Void) {
        if var value = young.removeValue(forKey: key) {
            change(&value)
            young[key] = value
        } else if var value = old.removeValue(forKey: key) {
            change(&value)
            old[key] = value
        }
    }

    mutating func removeAll() { (young, old) = ([:], [:]) }

    private mutating func keep(_ value: Value, _ key: Key) {
        if young.count >= most / 2, young[key] == nil {
            if !old.isEmpty { hasForgotten = true }
            (old, young) = (young, [:])
        }
        young[key] = value
    }
}
