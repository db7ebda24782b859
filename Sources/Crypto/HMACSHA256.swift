/// HMAC-SHA256 with its key: made once, then signs from any thread without allocating more than its result.
///
/// Holds the two hash states that depend on the key alone, not the key. Source: RFC 2104, section 4.
package struct HMACSHA256: Sendable {
    private let inner: SHA256State
    private let outer: SHA256State

    package init(key: [UInt8]) {
        let blockBytes = 64
        var block = key.count > blockBytes ? SHA256.digest(key) : key
        block += [UInt8](repeating: 0, count: blockBytes - block.count)
        inner = Self.state(over: block.map { $0 ^ 0x36 })
        outer = Self.state(over: block.map { $0 ^ 0x5c })
    }

    /// A key given as text, taken as its UTF-8 bytes.
    package init(key: String) { self.init(key: Array(key.utf8)) }

    /// The 32-byte authentication code of `bytes`.
    package func sign(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes { sign($0) }
    }

    /// The code of a part of an array, without copying it.
    package func sign(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        bytes.withUnsafeBytes { sign($0) }
    }

    private func sign(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var hash = inner
        hash.update(bytes)
        let digest = hash.finished()
        var result = outer
        digest.withUnsafeBytes { result.update($0) }
        return result.finished()
    }

    private static func state(over block: [UInt8]) -> SHA256State {
        var state = SHA256State()
        block.withUnsafeBytes { state.update($0) }
        return state
    }
}
