/// Numbers of what is remembered, from 0 on in the order in which it was first seen.
struct Numbering<Key: Hashable & Sendable>: Sendable {
    private var numbers: [Key: Int32] = [:]
    /// By number.
    private(set) var all: [Key] = []

    func known(_ key: Key) -> Int32? { numbers[key] }

    mutating func number(of key: Key) -> Int32 {
        if let number = numbers[key] { return number }
        let number = Int32(all.count)
        numbers[key] = number
        all.append(key)
        return number
    }
}
