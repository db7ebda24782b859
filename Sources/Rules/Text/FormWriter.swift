/// Writes a form's bytes with their origins and classes, and stops at its capacity.
struct FormWriter {
    /// What one scalar may still need.
    private static let reserve = 8

    private let form: TextForm
    private let storage: UnsafeMutablePointer<UInt8>
    private let origins: UnsafeMutablePointer<UInt16>
    private let classes: UnsafeMutablePointer<UInt8>
    private let most: Int
    private(set) var count: Int
    private(set) var isFull = false
    private var isASCII = true

    init(_ form: TextForm, count: Int = 0) {
        (self.form, self.count) = (form, count)
        (storage, origins, classes) = (form.storage, form.origins, form.classes)
        most = form.capacity - Self.reserve
    }

    var last: UInt8 { count > 0 ? storage[count - 1] : 0 }

    @inline(__always)
    mutating func write(ascii byte: UInt8, origin: Int) {
        write(byte, origin: origin, class: ASCIITable.isLetter(byte) || ASCIITable.isDigit(byte) ? 1 : 0)
    }

    @inline(__always)
    mutating func write(_ byte: UInt8, origin: Int, class wordClass: UInt8) {
        guard count < most else {
            isFull = true
            return
        }
        put(byte, origin, wordClass)
    }

    /// One space for a run of white space.
    mutating func writeSpace(origin: Int) {
        if count == 0 || last != 0x20 { write(ascii: 0x20, origin: origin) }
    }

    mutating func write(_ scalar: UInt32, origin: Int, class wordClass: WordClass) {
        guard scalar > 127 else { return write(ascii: UInt8(scalar), origin: origin) }
        // Room is made for whole scalars: `reserve` is kept free.
        guard count < most else {
            isFull = true
            return
        }
        isASCII = false
        let kind = wordClass.rawValue
        if scalar < 0x800 {
            put(UInt8(truncatingIfNeeded: scalar >> 6 | 0xC0), origin, kind)
        } else {
            if scalar < 0x10000 {
                put(UInt8(truncatingIfNeeded: scalar >> 12 | 0xE0), origin, kind)
            } else {
                put(UInt8(truncatingIfNeeded: scalar >> 18 | 0xF0), origin, kind)
                put(UInt8(truncatingIfNeeded: scalar >> 12 & 0x3F | 0x80), origin, kind)
            }
            put(UInt8(truncatingIfNeeded: scalar >> 6 & 0x3F | 0x80), origin, kind)
        }
        put(UInt8(truncatingIfNeeded: scalar & 0x3F | 0x80), origin, kind)
    }

    @inline(__always)
    private mutating func put(_ byte: UInt8, _ origin: Int, _ wordClass: UInt8) {
        storage[count] = byte
        origins[count] = UInt16(truncatingIfNeeded: origin)
        classes[count] = wordClass
        count += 1
    }

    func finish(sourceCount: Int) {
        form.count = count
        form.isASCII = isASCII
        form.origins[count] = UInt16(truncatingIfNeeded: sourceCount)
    }
}
