/// Finds links, e-mail addresses, phone numbers, payment handles and sums of money in a folded text.
///
/// Works on the folded form, so that full-width digits and the like are seen through, and tells where they were in the raw
/// text. Takes time in proportion to the text's length.
struct ContactScanner {
    struct Found {
        var kind: Contact.Kind
        /// In the folded text.
        var range: Range<Int>
        /// Of a link: its host.
        var host: Range<Int>?
        /// Where it is not what the range says.
        var value: String?
    }

    let form: TextForm
    let tokens: ContactTokens
    private let most: Int
    var found: [Found] = []
    /// Up to here all is part of what was found.
    var consumed = 0
    /// Dots up to here belong to what was looked at already.
    var hostsSeen = 0
    /// Digits up to here likewise.
    var numbersSeen = 0
    /// Numbers in words likewise.
    var spelledSeen = 0

    init(_ form: TextForm, _ tokens: ContactTokens, most: Int) {
        (self.form, self.tokens, self.most) = (form, tokens, most)
    }

    mutating func scan() {
        guard tokens.hasSigns || tokens.digitCount > 0 || !tokens.meanings.isEmpty else { return }
        for run in tokens.runs where found.count < most { scanRun(run) }
        var index = 0
        while index < tokens.tokens.count, found.count < most {
            let token = tokens.tokens[index]
            if token.start >= consumed {
                switch token.kind {
                case .sign: scanSign(index)
                case .digits: scanNumber(index)
                case .word where !token.meaning.isEmpty: scanWord(index)
                case .word: break
                }
            }
            index += 1
        }
        found.sort { $0.range.lowerBound < $1.range.lowerBound }
    }

    private mutating func scanSign(_ index: Int) {
        let token = tokens.tokens[index]
        switch form.storage[token.start] {
        case UInt8(ascii: "."): scanHost(at: token.start)
        case UInt8(ascii: "@"): scanAt(index)
        case UInt8(ascii: ":"): scanScheme(index)
        case UInt8(ascii: "$"): if !scanMoney(afterSign: index) { scanCashtag(index) }
        case UInt8(ascii: "["), UInt8(ascii: "("), UInt8(ascii: "{"): scanBracket(index)
        case UInt8(ascii: "+"): scanNumber(index)
        case 0xC2, 0xE2: if isCurrency(token) { _ = scanMoney(afterSign: index) }
        default: break
        }
    }

    private mutating func scanWord(_ index: Int) {
        let token = tokens.tokens[index]
        if token.meaning.contains(.at) { scanSpelledAt(index, isBracketed: false) }
        if token.meaning.contains(.dot), token.start >= consumed { scanSpelledDot(index) }
        if token.meaning.contains(.currency) { scanMoney(afterWord: index) }
        if token.meaning.digit != nil || !token.meaning.isDisjoint(with: [.twice, .thrice]) {
            scanSpelledNumber(index)
        }
        if token.meaning.contains(.service) { scanServiceName(index) }
    }

    mutating func add(_ kind: Contact.Kind, _ range: Range<Int>, host: Range<Int>? = nil, value: String? = nil) {
        found.append(Found(kind: kind, range: range, host: host, value: value))
        consumed = max(consumed, range.upperBound)
    }

    // MARK: What is where

    func byte(_ place: Int) -> UInt8 { place >= 0 && place < form.count ? form.storage[place] : 0x20 }

    func token(_ index: Int) -> ContactToken? { tokens.tokens.indices.contains(index) ? tokens.tokens[index] : nil }

    /// The index of the first token that begins there or later.
    func firstToken(from place: Int) -> Int {
        var (low, high) = (0, tokens.tokens.count)
        while low < high {
            let middle = (low + high) / 2
            if tokens.tokens[middle].start < place { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func isSign(_ index: Int, _ sign: UInt8) -> Bool {
        guard let token = token(index) else { return false }
        return token.kind == .sign && form.storage[token.start] == sign
    }

    func isWordByte(_ place: Int) -> Bool { place >= 0 && place < form.count && form.wordClass(at: place) != .none }

    /// A letter or digit that a host's or a mailbox's name may hold without spaces around it.
    func isNameByte(_ place: Int) -> Bool { place >= 0 && place < form.count && form.wordClass(at: place) == .word }

    /// Whether one of the words before says so.
    func isPreceded(_ index: Int, by meanings: ContactToken.Meaning, within count: Int = 4) -> Bool {
        for before in stride(from: index - 1, through: max(0, index - count), by: -1)
        where !tokens.tokens[before].meaning.isDisjoint(with: meanings) {
            return true
        }
        return false
    }

    func string(_ range: Range<Int>) -> String {
        String(decoding: form.bytes[range], as: UTF8.self)
    }
}
