import Rules
import TestSupport

/// Texts of what makes texts difficult, and of what does not.
enum RandomText {
    private static let pools: [ClosedRange<UInt32>] = [
        0x20...0x7E, 0x61...0x7A, 0x61...0x7A, 0x20...0x40, 0x0...0x1F, 0x80...0x24F, 0x300...0x36F, 0x370...0x3FF,
        0x400...0x52F,
        0x530...0x6FF, 0x900...0x97F, 0x1100...0x11FF, 0x13A0...0x13FF, 0x1E00...0x1FFF, 0x2000...0x206F,
        0x2100...0x214F,
        0x2460...0x24FF, 0x3000...0x30FF, 0xAB70...0xABBF, 0xAC00...0xD7A3, 0xF900...0xFDFF, 0xFE00...0xFFEF,
        0x1D400...0x1D7FF, 0x1F1E6...0x1F1FF, 0x1F300...0x1F6FF, 0xE0000...0xE01EF, 0x0...0x10FFFF,
    ]

    static func next(_ random: inout SeededRandom) -> String {
        var text = ""
        var pool = pools[1]
        for _ in 0..<Int.random(in: 0...60, using: &random) {
            if Int.random(in: 0..<4, using: &random) == 0 { pool = pools.randomElement(using: &random) ?? pool }
            if let scalar = Unicode.Scalar(UInt32.random(in: pool, using: &random)) {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

extension String {
    init(utf8 bytes: some Collection<UInt8>) { self.init(decoding: bytes, as: UTF8.self) }
}

extension TextForm {
    var text: String { String(utf8: bytes) }

    func range(of match: String) -> Range<Int>? {
        bytes.firstRange(of: Array(match.utf8)).map { $0.lowerBound..<$0.upperBound }
    }
}

extension TextFolder {
    func rawText(of range: Range<Int>, in form: Form) -> String {
        String(utf8: raw[self.raw(of: range, in: form)])
    }
}
