/// Normalises a stretch of text that is not plain ASCII.
///
/// Entities are decoded, what cannot be seen is dropped, and the rest is brought into NFKC without marks on Latin letters.
/// Sources: Unicode Standard Annex #15; UTS #39; recipe of the spam model, step 1.
struct TokenFolder {
    enum Purpose {
        /// For terms and expressions: lower case, controls dropped, quotes and dashes made plain.
        case matching
        /// For the spam model: as it is written, but for what the normalisation is about.
        case model
        /// For names that mean what they are, such as hosts: marks and look-alikes stay; lower case.
        case plain
    }

    private struct Piece {
        var scalar: UInt32
        var origin: Int
        var info: ScalarInfo
    }

    /// More marks than this on one character are dropped (the bound of UAX #15's Stream-Safe Text Format).
    private static let marks = 30

    private let purpose: Purpose
    private let tables = UnicodeTables.shared
    private var pieces: [Piece] = []
    private var clusterOrigin = 0
    private var markCount = 0
    private var isOnLatin = false
    private var mayCompose = false

    init(purpose: Purpose) { self.purpose = purpose }

    /// Writes a form of the range for matching; origins are offsets in `text`.
    mutating func fold(
        _ text: UnsafeBufferPointer<UInt8>,
        _ range: Range<Int>,
        into writer: inout FormWriter,
        _ counts: inout TextFolder.Counts
    ) {
        normalise(text, range, &counts)
        var start = 0
        while start < pieces.count, !writer.isFull {
            let end = wordEnd(from: start)
            write(start..<end, isReplacing: isConfusing(start..<end), into: &writer, &counts)
            if end < pieces.count { writer.writeSpace(origin: pieces[end].origin) }
            start = end + 1
        }
    }

    /// The range's scalars for the model or for a name, as UTF-8.
    mutating func fold(
        _ text: UnsafeBufferPointer<UInt8>,
        _ range: Range<Int>,
        into bytes: inout [UInt8],
        _ counts: inout TextFolder.Counts
    ) {
        normalise(text, range, &counts)
        var start = 0
        while start < pieces.count {
            let end = wordEnd(from: start)
            let isReplacing = purpose == .model && isConfusing(start..<end)
            for piece in pieces[start..<min(end + 1, pieces.count)] {
                if isReplacing, let mapping = tables.mapping(piece.info), mapping.targetCount > 0 {
                    counts.folded += 1
                    bytes += tables.target(mapping)
                } else {
                    let scalar = purpose == .plain ? lower(piece) : piece.scalar
                    bytes += UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}").unsafelyUnwrapped
                }
            }
            start = end + 1
        }
    }

    // MARK: Into pieces

    private mutating func normalise(
        _ text: UnsafeBufferPointer<UInt8>,
        _ range: Range<Int>,
        _ counts: inout TextFolder.Counts
    ) {
        pieces.removeAll(keepingCapacity: true)
        (clusterOrigin, markCount, isOnLatin, mayCompose) = (range.lowerBound, 0, false, false)
        var place = range.lowerBound
        while place < range.upperBound {
            let (scalar, length) = Self.scalar(text, at: place)
            append(scalar, origin: place, &counts)
            place += length
        }
        if mayCompose { compose() }
    }

    /// The scalar at a place of valid UTF-8, entities decoded.
    @inline(__always)
    private static func scalar(_ text: UnsafeBufferPointer<UInt8>, at place: Int) -> (UInt32, Int) {
        let byte = UInt32(text[place])
        if byte == 0x26, let entity = HTMLEntity(UnsafeBufferPointer(rebasing: text[place...])) {
            return (entity.scalar, entity.count)
        }
        return UTF8Reader.scalar(text, at: place)
    }

    @inline(__always)
    private mutating func append(_ scalar: UInt32, origin: Int, _ counts: inout TextFolder.Counts) {
        let info = tables.info(scalar)
        if info.kind == .hidden || info.kind == .control && purpose == .matching {
            counts.invisibles += 1
            return
        }
        if pushPlain(scalar, origin: origin, &counts) { return }
        guard let mapping = tables.mapping(info), mapping.decompositionCount > 0 else {
            return push(scalar, info, origin: origin, &counts)
        }
        if mapping.isCompatible { counts.compatibility += 1 }
        for part in tables.decomposition(mapping) where !pushPlain(part, origin: origin, &counts) {
            push(part, tables.info(part), origin: origin, &counts)
        }
    }

    /// Takes a quote or a dash, or what is dropped with them.
    private mutating func pushPlain(_ scalar: UInt32, origin: Int, _ counts: inout TextFolder.Counts) -> Bool {
        guard purpose == .matching, scalar > 127, let plain = Self.plain(scalar) else { return false }
        if plain != 0 { push(plain, tables.info(plain), origin: origin, &counts) }
        return true
    }

    private mutating func push(
        _ scalar: UInt32,
        _ info: ScalarInfo,
        origin: Int,
        _ counts: inout TextFolder.Counts
    ) {
        if info.kind == .mark {
            markCount += 1
            guard markCount <= Self.marks, !isOnLatin || purpose == .plain else {
                counts.combining += 1
                return
            }
            mayCompose = true
        } else {
            (clusterOrigin, markCount, isOnLatin) = (origin, 0, info.isLatinLetter)
            // Vowels and final consonants of Hangul.
            if 0x1161..<0x1200 ~= scalar { mayCompose = true }
        }
        // A mark comes from where its letter does: origins never go back, even where marks change places.
        pieces.append(Piece(scalar: scalar, origin: clusterOrigin, info: info))
        var place = pieces.count - 1
        let order = info.combiningClass
        while order > 0, place > 0, pieces[place - 1].info.combiningClass > order {
            pieces.swapAt(place, place - 1)
            place -= 1
        }
    }

    /// Canonical composition.
    ///
    /// Source: the Unicode Standard, section 3.11, D117.
    private mutating func compose() {
        var starter: Int?
        var (kept, lastClass) = (0, UInt32(0))
        for piece in pieces {
            let order = piece.info.combiningClass
            if let starter, kept - 1 == starter || lastClass < order && lastClass != 0,
                let composite = tables.composition(pieces[starter].scalar, piece.scalar)
            {
                pieces[starter].scalar = composite
                pieces[starter].info = tables.info(composite)
                continue
            }
            if order == 0 { starter = kept }
            lastClass = order
            pieces[kept] = piece
            kept += 1
        }
        pieces.removeLast(pieces.count - kept)
    }

    /// Plain ASCII for quotes and dashes; 0 drops; `nil` leaves.
    private static func plain(_ scalar: UInt32) -> UInt32? {
        switch scalar {
        case 0xB4, 0x2B9, 0x2BB...0x2BD, 0x2018...0x201B, 0x2032, 0x2035: UInt32(UInt8(ascii: "'"))
        case 0xAB, 0xBB, 0x201C...0x201F, 0x2033, 0x2036: UInt32(UInt8(ascii: "\""))
        case 0x2010...0x2015, 0x2212, 0xFE58, 0xFE63, 0xFF0D: UInt32(UInt8(ascii: "-"))
        case 0x20E3: 0  // the key around an emoji's digit
        default: nil
        }
    }

    // MARK: Out of pieces

    private func wordEnd(from start: Int) -> Int {
        var end = start
        while end < pieces.count, pieces[end].info.kind != .space { end += 1 }
        return end
    }

    /// Whether the word's letters stand for ASCII: some are not, and some are, or all look like it.
    private func isConfusing(_ range: Range<Int>) -> Bool {
        var (foreign, ascii, all) = (false, false, true)
        for piece in pieces[range] where piece.info.kind == .letter {
            if piece.scalar < 128 {
                ascii = true
            } else {
                foreign = true
                if target(piece) == nil { all = false }
            }
        }
        return foreign && (ascii || all)
    }

    /// What a scalar looks like, or, where case does not matter, its lower case does.
    private func target(_ piece: Piece) -> UnicodeTables.Mapping? {
        guard piece.scalar > 127, let mapping = tables.mapping(piece.info) else { return nil }
        if mapping.targetCount > 0 { return mapping }
        guard purpose == .matching, mapping.lower != 0 else { return nil }
        return tables.mapping(tables.info(mapping.lower)).flatMap { $0.targetCount > 0 ? $0 : nil }
    }

    private func lower(_ piece: Piece) -> UInt32 {
        if piece.scalar < 128 { return UInt32(ASCIITable.lower(UInt8(piece.scalar))) }
        guard let mapping = tables.mapping(piece.info), mapping.lower != 0 else { return piece.scalar }
        return mapping.lower
    }

    private func write(
        _ range: Range<Int>,
        isReplacing: Bool,
        into writer: inout FormWriter,
        _ counts: inout TextFolder.Counts
    ) {
        var isOnReplaced = false
        for piece in pieces[range] {
            if isReplacing, let mapping = target(piece) {
                counts.folded += 1
                isOnReplaced = true
                for byte in tables.target(mapping) {
                    // UTS #39 has one look-alike for l and I; in lower case they differ.
                    let isCapitalI = byte == UInt8(ascii: "l") && mapping.targetCount == 1 && piece.info.isUpper
                    writer.write(ascii: isCapitalI ? UInt8(ascii: "i") : ASCIITable.lower(byte), origin: piece.origin)
                }
            } else if isOnReplaced, piece.info.kind == .mark {
                counts.combining += 1
            } else {
                isOnReplaced = false
                writer.write(lower(piece), origin: piece.origin, class: piece.info.wordClass)
            }
        }
    }
}

/// Reads scalars of UTF-8 that is known to be valid.
enum UTF8Reader {
    @inline(__always)
    static func scalar(_ text: UnsafeBufferPointer<UInt8>, at place: Int) -> (UInt32, Int) {
        let first = UInt32(text[place])
        if first < 0x80 { return (first, 1) }
        func next(_ offset: Int) -> UInt32 { UInt32(text[place + offset]) & 0x3F }
        if first < 0xE0 { return ((first & 0x1F) << 6 | next(1), 2) }
        if first < 0xF0 { return ((first & 0xF) << 12 | next(1) << 6 | next(2), 3) }
        return ((first & 7) << 18 | next(1) << 12 | next(2) << 6 | next(3), 4)
    }
}
