/// The numbers of every ``SpamSignal`` of one text, and what its phone numbers begin with.
struct SpamSignals {
    private var values = [Int](repeating: 0, count: SpamSignal.allCases.count)
    /// Each phone number's count of digits, and its first three as a number; no more than ``phonesTold``.
    private(set) var phones: [(digits: Int, prefix: UInt32)] = []

    private static let phonesTold = 8

    subscript(signal: SpamSignal) -> Int {
        @inline(__always) get { values[Int(signal.rawValue)] }
        set { values[Int(signal.rawValue)] = newValue }
    }

    /// - Parameter repeatedWords: how many words had been said before.
    mutating func count(_ text: SpamText, links: Int, repeatedWords: Int) {
        for index in values.indices { values[index] = 0 }
        phones.removeAll(keepingCapacity: true)
        self[.links] = links
        self[.repeatedWords] = repeatedWords
        countScalars(text)
        countTokens(text)
        self[.invisibles] = text.counts.invisibles
        self[.compatibility] = text.counts.compatibility
        self[.combining] = text.counts.combining
        self[.folded] = text.counts.folded
        combine()
    }

    private mutating func countScalars(_ text: SpamText) {
        var (letters, capitals, digits, emoji, stretched, visible, run) = (0, 0, 0, 0, 0, 0, 1)
        var last: UInt32 = 0
        for place in 0..<text.count {
            let (kind, scalar) = (text.kinds[place], text.scalars[place])
            letters &+= Int(kind.rawValue & 1)
            digits &+= Int(kind.rawValue >> 1 & 1)
            capitals &+= Int(kind.rawValue >> 3 & 1)
            emoji &+= Int(kind.rawValue >> 6 & 1)
            visible &+= Int(~kind.rawValue >> 2 & 1)
            run = scalar == last ? run &+ 1 : 1
            if run == 3, kind.contains(.letter) { stretched &+= 1 }
            last = scalar
        }
        self[.digits] = digits
        self[.emoji] = emoji
        self[.stretched] = stretched
        self[.length] = text.count
        self[.digitShare] = digits * 1_000 / max(visible, 1)
        self[.signShare] = (visible - letters - digits) * 1_000 / max(visible, 1)
        self[.capitalShare] = letters < 5 ? 0 : capitals * 1_000 / letters
        guard let first = (0..<text.count).first(where: { !text.kinds[$0].contains(.space) }) else { return }
        if text.kinds[first].contains(.letter) {
            self[text.kinds[first].contains(.upper) ? .beginsCapital : .beginsSmall] = 1
        }
        var end = text.count
        while end > 0, text.kinds[end - 1].contains(.space) { end -= 1 }
        self[.endsWithStop] = text.scalars[end - 1] == UInt32(UInt8(ascii: ".")) ? 1 : 0
    }

    private mutating func countTokens(_ text: SpamText) {
        var (words, wordLetters) = (0, 0)
        var index = 0
        let tokens = text.tokens
        while index < tokens.count {
            let token = tokens[index]
            switch token.kind {
            case .word:
                words &+= 1
                wordLetters &+= token.count
                if token.count > 1, text.kinds[token.range.lowerBound].contains(.upper) { countCapitals(text, token) }
                index &+= 1
            case .sign:
                countSign(text, index)
                index &+= 1
            case .number:
                index = countNumber(text, index)
            }
        }
        self[.words] = words
        self[.wordLength] = wordLetters * 10 / max(words, 1)
    }

    private mutating func countCapitals(_ text: SpamText, _ token: SpamText.Token) {
        for place in token.range where !text.kinds[place].contains(.upper) { return }
        self[.capitalWords] += 1
    }

    private mutating func countSign(_ text: SpamText, _ index: Int) {
        let token = text.tokens[index]
        let place = token.range.lowerBound
        switch text.scalars[place] {
        case 0x21: self[.exclamations] += 1
        case 0x3F: self[.questions] += 1
        case 0x2E where place + 1 < text.count && text.scalars[place + 1] == 0x2E: self[.ellipses] += 1
        case 0x2A: self[.asterisks] += 1
        case 0x2F: self[.slashes] += 1
        case 0x26: self[.ampersands] += 1
        case 0x25: self[.percents] += 1
        case 0x40:
            self[.ats] += 1
            if isWithin(text, place), hasDot(text, after: place) { self[.emails] += 1 }
        case 0x23: self[.hashes] += 1
        default: break
        }
    }

    private func isWithin(_ text: SpamText, _ place: Int) -> Bool {
        let isName: ScalarKind = [.letter, .digit]
        return place > 0 && place + 1 < text.count && !text.kinds[place - 1].isDisjoint(with: isName)
            && !text.kinds[place + 1].isDisjoint(with: isName)
    }

    private func hasDot(_ text: SpamText, after place: Int) -> Bool {
        var end = place + 1
        while end < text.count, !text.kinds[end].contains(.space) {
            if text.scalars[end] == 0x2E { return isWithin(text, end) }
            end += 1
        }
        return false
    }

    /// A number with all that belongs to it, and the token behind it.
    private mutating func countNumber(_ text: SpamText, _ first: Int) -> Int {
        let tokens = text.tokens
        var (last, digits) = (first, tokens[first].count)
        // Groups of digits with one space or sign between them are one number, as phone numbers are written.
        while let next = following(text, last), digits + tokens[next].count <= 15 {
            digits += tokens[next].count
            last = next
        }
        if digits < 9 { (last, digits) = (first, tokens[first].count) }
        if isPrice(text, first, last) {
            self[.prices] += 1
        } else if digits >= 9, digits <= 15 {
            self[.phones] += 1
            if phones.count < Self.phonesTold { phones.append((digits, prefix(text, first))) }
        } else if digits >= 4, digits <= 6 {
            self[.shortNumbers] += 1
        }
        return last + 1
    }

    private func following(_ text: SpamText, _ index: Int) -> Int? {
        let tokens = text.tokens
        let end = tokens[index].end
        guard index + 1 < tokens.count else { return nil }
        if tokens[index + 1].kind == .number { return tokens[index + 1].start == end + 1 ? index + 1 : nil }
        guard index + 2 < tokens.count, tokens[index + 1].kind == .sign, tokens[index + 2].kind == .number,
            tokens[index + 2].start - end <= 2, isJoint(text.scalars[tokens[index + 1].range.lowerBound])
        else { return nil }
        return index + 2
    }

    private func isJoint(_ scalar: UInt32) -> Bool {
        [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "("), UInt8(ascii: ")")]
            .contains { UInt32($0) == scalar }
    }

    private func prefix(_ text: SpamText, _ first: Int) -> UInt32 {
        var (value, count): (UInt32, Int) = (0, 0)
        var place = text.tokens[first].range.lowerBound
        while place < text.count, count < 3 {
            if text.kinds[place].contains(.digit) {
                value = value &* 10 &+ (text.scalars[place] & 0xF)
                count += 1
            }
            place += 1
        }
        return value
    }

    private func isPrice(_ text: SpamText, _ first: Int, _ last: Int) -> Bool {
        let (start, end) = (text.tokens[first].range.lowerBound, text.tokens[last].range.upperBound)
        if start > 0, text.kinds[start - 1].contains(.currency) { return true }
        if start > 1, text.kinds[start - 1].contains(.space), text.kinds[start - 2].contains(.currency) { return true }
        guard end < text.count else { return false }
        if text.kinds[end].contains(.currency) { return true }
        guard last + 1 < text.tokens.count, text.tokens[last + 1].kind == .word,
            text.tokens[last + 1].range.lowerBound - end <= 1
        else { return false }
        let unit = text.tokens[last + 1].range
        return Self.units.contains {
            $0.elementsEqual(UnsafeBufferPointer(start: text.scalars + unit.lowerBound, count: unit.count))
        }
    }

    private static let units: [[UInt32]] = [
        "p", "ppm", "pence", "pound", "pounds", "quid", "gbp", "eur", "euro", "euros", "usd", "dollar", "dollars", "kr",
        "nok", "sek", "rs",
    ].map { $0.unicodeScalars.map(\.value) }

    private mutating func combine() {
        let (phone, price, link) = (self[.phones] > 0, self[.prices] > 0, self[.links] > 0)
        let short = self[.shortNumbers] > 0
        self[.phoneAndPrice] = phone && price ? 1 : 0
        self[.linkAndPrice] = link && price ? 1 : 0
        self[.phoneAndLink] = phone && link ? 1 : 0
        self[.shortNumberAndPrice] = short && price ? 1 : 0
        self[.phoneAndShortNumber] = phone && short ? 1 : 0
        self[.noContact] = phone || link || short || self[.emails] > 0 ? 0 : 1
    }
}
