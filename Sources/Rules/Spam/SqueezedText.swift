/// A text without what keeps its letters apart: "b-u-y n.o.w" and "BUY  NOW" are both "buynow".
///
/// Links become one sign, signs that stand for letters are read as letters, everything but letters and digits is dropped, three and
/// more of one letter become two, digits in a row become `0`. Source: recipe R1, step 4.
final class SqueezedText {
    private static let link: UInt32 = 1
    private static let digit = UInt32(UInt8(ascii: "0"))

    let scalars: UnsafeMutablePointer<UInt32>
    /// Which of the text's scalars each comes from.
    let origins: UnsafeMutablePointer<Int32>
    private(set) var count = 0
    private(set) var links = 0
    /// By ASCII: the letter that a sign stands for, 0 where it stands for none.
    private let leet: UnsafeMutablePointer<UInt8>

    init(capacity: Int) {
        scalars = .allocate(capacity: capacity)
        origins = .allocate(capacity: capacity)
        leet = .allocate(capacity: 128)
        scalars.initialize(repeating: 0, count: capacity)
        origins.initialize(repeating: 0, count: capacity)
        leet.initialize(repeating: 0, count: 128)
        for (sign, letter) in zip("013457@$!|".utf8, "oieastasil".utf8) { leet[Int(sign)] = letter }
    }

    deinit {
        scalars.deallocate()
        origins.deallocate()
        leet.deallocate()
    }

    func squeeze(_ text: SpamText) {
        (count, links) = (0, 0)
        var place = 0
        let (kinds, end) = (text.kinds, text.count)
        while place < end {
            let start = place
            var letters = 0
            var (signs, hasDot) = (0, false)
            while place < end, !kinds[place].contains(.space) {
                if kinds[place].contains(.letter) {
                    letters &+= 1
                } else {
                    let scalar = text.scalars[place]
                    if letter(of: scalar) != 0 { signs &+= 1 }
                    if scalar == 0x2E || scalar == 0x3A { hasDot = true }
                }
                place &+= 1
            }
            if hasDot, LinkShape.isLink(text, start..<place) {
                links += 1
                write(Self.link, from: start)
            } else {
                let isDisguised = signs > 0 && letters >= 2 && signs <= letters && touches(text, start..<place)
                write(text, start..<place, isDisguised: isDisguised)
            }
            place &+= 1
        }
    }

    @inline(__always)
    private func letter(of scalar: UInt32) -> UInt8 {
        scalar < 128 ? leet[Int(scalar)] : scalar == 0x20AC ? UInt8(ascii: "e") : 0
    }

    /// A sign stands beside a letter.
    private func touches(_ text: SpamText, _ range: Range<Int>) -> Bool {
        for place in range where !text.kinds[place].contains(.letter) && letter(of: text.scalars[place]) != 0 {
            if place > range.lowerBound, text.kinds[place - 1].contains(.letter) { return true }
            if place + 1 < range.upperBound, text.kinds[place + 1].contains(.letter) { return true }
        }
        return false
    }

    @inline(__always)
    private func write(_ text: SpamText, _ range: Range<Int>, isDisguised: Bool) {
        for place in range {
            let (scalar, kind) = (text.scalars[place], text.kinds[place])
            if kind.contains(.letter) {
                write(letter: scalar, from: place)
            } else if isDisguised, letter(of: scalar) != 0 {
                write(letter: UInt32(letter(of: scalar)), from: place)
            } else if kind.contains(.digit), count == 0 || scalars[count &- 1] != Self.digit {
                write(Self.digit, from: place)
            }
        }
    }

    @inline(__always)
    private func write(letter: UInt32, from place: Int) {
        if count > 1, scalars[count &- 1] == letter, scalars[count &- 2] == letter { return }
        write(letter, from: place)
    }

    @inline(__always)
    private func write(_ scalar: UInt32, from place: Int) {
        scalars[count] = scalar
        origins[count] = Int32(truncatingIfNeeded: place)
        count &+= 1
    }
}
