import Crypto

/// How a model is stored: magic, format, length and SHA-256 of what follows; then the model, numbers in little endian.
struct SpamModelFile {
    private static let magic = Array("BACKSPAM".utf8)
    /// Rises when the layout changes.
    private static let format: UInt32 = 1
    /// Rises when features change: weights mean nothing to other features.
    private static let recipe: UInt32 = 1
    private static let headerBytes = 8 + 4 + 8 + SHA256.byteCount

    let version: String
    let bytes: [UInt8]

    init(
        _ weights: QuantisedWeights,
        _ calibration: PlattScaling,
        _ thresholds: SpamThresholds,
        _ profile: LanguageProfile,
        spam: Int,
        ham: Int
    ) {
        var body: [UInt8] = []
        body.reserveCapacity(weights.table.count * 2 + profile.rarities.count + 256)
        Self.append(Self.recipe, to: &body)
        Self.append(UInt32(SpamHash.bits), to: &body)
        Self.append(UInt32(LanguageProfile.bits), to: &body)
        Self.append(UInt64(spam), to: &body)
        Self.append(UInt64(ham), to: &body)
        for value in [calibration.slope, calibration.offset, thresholds.hold, thresholds.block] {
            Self.append(value.bitPattern, to: &body)
        }
        Self.append(profile.scripts, to: &body)
        for value in profile.limits { Self.append(value.bitPattern, to: &body) }
        Self.append(weights.scale.bitPattern, to: &body)
        Self.append(weights.bias.bitPattern, to: &body)
        body += profile.rarities
        for weight in weights.table { Self.append(weight, to: &body) }

        let digest = SHA256.digest(body)
        var bytes = Self.magic
        Self.append(Self.format, to: &bytes)
        Self.append(UInt64(body.count), to: &bytes)
        self.bytes = bytes + digest + body
        version = Hex.encode(digest)
    }

    private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
    }

    /// Reads a stored model from its beginning to its end, and takes nothing for granted.
    struct Reader {
        private let bytes: [UInt8]
        private var place = SpamModelFile.headerBytes

        init(_ bytes: [UInt8]) throws(SpamModelFault) {
            self.bytes = bytes
            guard bytes.count >= headerBytes, Array(bytes[..<8]) == magic else { throw .notAModel }
            let format: UInt32 = Self.number(bytes, 8)
            guard format == SpamModelFile.format else {
                throw .otherFormat(found: Int(format), known: Int(SpamModelFile.format))
            }
            let length: UInt64 = Self.number(bytes, 12)
            let found = bytes.count - headerBytes
            guard length == UInt64(found) else { throw .wrongLength(expected: length, found: found) }
            guard SHA256.digest(Array(bytes[headerBytes...])) == Array(bytes[20..<headerBytes]) else { throw .damaged }
        }

        mutating func model() throws(SpamModelFault) -> SpamModel {
            let (recipe, bits, languageBits): (UInt32, UInt32, UInt32) = (try next(), try next(), try next())
            guard recipe == SpamModelFile.recipe, bits == UInt32(SpamHash.bits),
                languageBits == UInt32(LanguageProfile.bits)
            else { throw .otherRecipe(found: Int(recipe), known: Int(SpamModelFile.recipe)) }
            let (spam, ham): (UInt64, UInt64) = (try next(), try next())
            let calibration = PlattScaling(slope: try double(), offset: try double())
            let thresholds = SpamThresholds(hold: try double(), block: try double())
            let scripts: UInt32 = try next()
            var limits: [Float] = []
            for _ in 0..<LanguageProfile.strata { limits.append(try float()) }
            let (scale, bias) = (try float(), try float())
            let rarities = try rest(1 << LanguageProfile.bits)
            let numbers = try rest(SpamHash.places * 2)
            let table = (0..<SpamHash.places).map { Self.number(numbers, $0 * 2) as Int16 }
            guard place == bytes.count, scale > 0, spam <= UInt64(Int32.max), ham <= UInt64(Int32.max),
                0...thresholds.block ~= thresholds.hold, thresholds.block <= 1
            else { throw .implausible }
            return SpamModel(
                weights: QuantisedWeights(table: table, scale: scale, bias: bias),
                calibration: calibration,
                thresholds: thresholds,
                profile: LanguageProfile(scripts: scripts, rarities: rarities, limits: limits),
                spam: Int(spam),
                ham: Int(ham)
            )
        }

        private mutating func double() throws(SpamModelFault) -> Double {
            let value = Double(bitPattern: try next())
            guard value.isFinite else { throw .implausible }
            return value
        }

        private mutating func float() throws(SpamModelFault) -> Float {
            let value = Float(bitPattern: try next())
            guard value.isFinite else { throw .implausible }
            return value
        }

        private mutating func next<Number: FixedWidthInteger>() throws(SpamModelFault) -> Number {
            guard bytes.count - place >= MemoryLayout<Number>.size else { throw .implausible }
            defer { place += MemoryLayout<Number>.size }
            return Self.number(bytes, place)
        }

        private mutating func rest(_ count: Int) throws(SpamModelFault) -> [UInt8] {
            guard bytes.count - place >= count else { throw .implausible }
            defer { place += count }
            return Array(bytes[place..<place + count])
        }

        private static func number<Number: FixedWidthInteger>(_ bytes: [UInt8], _ place: Int) -> Number {
            bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: Number.self)) }
        }
    }
}

/// Why bytes are not taken for a model; the model before stays in force.
package enum SpamModelFault: Error, Equatable, CustomStringConvertible {
    case notAModel
    case otherFormat(found: Int, known: Int)
    case otherRecipe(found: Int, known: Int)
    case wrongLength(expected: UInt64, found: Int)
    case damaged
    case implausible

    package var description: String {
        switch self {
        case .notAModel: "no spam model; 'backchannel spam train' makes one"
        case .otherFormat(let found, let known):
            "a spam model of format \(found), this program reads \(known); train it anew with this program"
        case .otherRecipe(let found, let known):
            "a spam model over other features (recipe \(found), here \(known)); train it anew with this program"
        case .wrongLength(let expected, let found):
            "a spam model of \(expected) bytes of which \(found) are there; copy the file again"
        case .damaged: "a damaged spam model: its checksum is another; copy the file again"
        case .implausible: "a spam model with values that cannot be; train it anew"
        }
    }
}
