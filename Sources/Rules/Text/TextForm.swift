/// One form of a text: its bytes, and where each comes from in the form before.
///
/// Its buffers are overwritten by the next text; nothing of it is to be kept. Not for use by several threads.
package final class TextForm {
    /// Most bytes it holds.
    let capacity: Int
    let storage: UnsafeMutablePointer<UInt8>
    /// The source's offset of each byte, and one more for the end; meaningless while ``isIdentity``.
    let origins: UnsafeMutablePointer<UInt16>
    /// ``WordClass`` of each byte; meaningless while ``isASCII``.
    let classes: UnsafeMutablePointer<UInt8>
    private let asciiClasses: UnsafeMutablePointer<UInt8>

    /// Behind a pointer, since the checks for exclusive access to a class's variables cost more than what is done with them.
    private let state: UnsafeMutablePointer<State>

    private struct State {
        var count = 0
        var isASCII = true
        var isIdentity = true
    }

    package internal(set) var count: Int {
        @inline(__always) get { state.pointee.count }
        set { state.pointee.count = newValue }
    }
    package internal(set) var isASCII: Bool {
        @inline(__always) get { state.pointee.isASCII }
        set { state.pointee.isASCII = newValue }
    }
    /// Every byte comes from the byte at its own offset.
    package internal(set) var isIdentity: Bool {
        @inline(__always) get { state.pointee.isIdentity }
        set { state.pointee.isIdentity = newValue }
    }

    init(capacity: Int) {
        precondition(capacity < Int(UInt16.max), "a text's offsets fit 16 bits: lower Limits.Rules.textBytes")
        self.capacity = capacity
        // Eight bytes are read at once, the last ones from the end.
        storage = .allocate(capacity: capacity + 8)
        origins = .allocate(capacity: capacity + 1)
        classes = .allocate(capacity: capacity + 1)
        asciiClasses = .allocate(capacity: 256)
        state = .allocate(capacity: 1)
        state.initialize(to: State())
        storage.initialize(repeating: 0, count: capacity + 8)
        origins.initialize(repeating: 0, count: capacity + 1)
        classes.initialize(repeating: 0, count: capacity + 1)
        asciiClasses.initialize(from: ASCIITable.word, count: 256)
    }

    deinit {
        storage.deallocate()
        origins.deallocate()
        classes.deallocate()
        asciiClasses.deallocate()
        state.deallocate()
    }

    /// The eight bytes from there on; what is behind the end means nothing.
    @inline(__always)
    func eightBytes(at place: Int) -> UInt64 {
        UnsafeRawPointer(storage).loadUnaligned(fromByteOffset: place, as: UInt64.self)
    }

    /// UTF-8, valid until the next text is folded.
    package var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: storage, count: count) }

    @inline(__always)
    package func wordClass(at offset: Int) -> WordClass {
        WordClass(rawValue: isASCII ? asciiClasses[Int(storage[offset])] : classes[offset]) ?? .none
    }

    /// Whether a word may begin or end at the offset, 0 to ``count``: not between two letters or digits of a script that
    /// writes spaces.
    @inline(__always)
    package func isWordBoundary(_ offset: Int) -> Bool {
        guard offset > 0, offset < count else { return true }
        return isASCII
            ? asciiClasses[Int(storage[offset - 1])] & asciiClasses[Int(storage[offset])] != 1
            : !(classes[offset - 1] == 1 && classes[offset] == 1)
    }

    /// The source's range of bytes of a range here: all of what the bytes in it come from.
    func origin(of range: Range<Int>, sourceCount: Int) -> Range<Int> {
        guard !isIdentity else { return range }
        let start = range.lowerBound < count ? Int(origins[range.lowerBound]) : sourceCount
        guard !range.isEmpty else { return start..<start }
        let last = origins[range.upperBound - 1]
        var end = range.upperBound
        while end < count, origins[end] == last { end += 1 }
        return start..<(end < count ? Int(origins[end]) : sourceCount)
    }
}
