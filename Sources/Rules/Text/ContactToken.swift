/// A word, a number or a sign of a folded text.
struct ContactToken {
    enum Kind: UInt8 { case word, digits, sign }

    var start: Int
    var end: Int
    var kind: Kind
    /// What the word means for contacts.
    var meaning: Meaning

    /// Words that contacts are recognised by.
    struct Meaning: OptionSet {
        let rawValue: UInt32
        /// The lowest four bits: a digit and one; `twice` and `thrice` repeat the next.
        static let digitMask: UInt32 = 15
        static let twice = Meaning(rawValue: 1 << 4)
        static let thrice = Meaning(rawValue: 1 << 5)
        static let at = Meaning(rawValue: 1 << 6)
        static let dot = Meaning(rawValue: 1 << 7)
        /// The words before a number that make it a phone's, or something else's.
        static let phone = Meaning(rawValue: 1 << 8)
        static let order = Meaning(rawValue: 1 << 9)
        static let currency = Meaning(rawValue: 1 << 10)
        /// Services that pay by name.
        static let service = Meaning(rawValue: 1 << 11)
        static let mailbox = Meaning(rawValue: 1 << 12)
        /// Words before an address on the net.
        static let place = Meaning(rawValue: 1 << 13)
        /// Words that no host is called.
        static let common = Meaning(rawValue: 1 << 14)
        static let scheme = Meaning(rawValue: 1 << 15)
        /// Domains that are not words of a language.
        static let domain = Meaning(rawValue: 1 << 16)
        /// Domains that are, and may begin the next sentence.
        static let top = Meaning(rawValue: 1 << 17)
        /// Words before "at" that are no mailbox: "look at example dot com".
        static let looking = Meaning(rawValue: 1 << 18)

        var digit: Int? { rawValue & Self.digitMask == 0 ? nil : Int(rawValue & Self.digitMask) - 1 }
    }
}

/// The words that contacts are recognised by, found by up to eight of their bytes.
struct ContactVocabulary: Sendable {
    static let shared = ContactVocabulary()
    private static let slots = 2_048

    private var keys = [UInt64](repeating: 0, count: slots)
    private var meanings = [UInt32](repeating: 0, count: slots)

    /// - Parameter word: not empty.
    func meaning(of word: Range<Int>, in form: TextForm) -> ContactToken.Meaning {
        let key = EightBytes(form.eightBytes(at: word.lowerBound)).first(word.count)
        var slot = Self.slot(key)
        while keys[slot] != 0 {
            if keys[slot] == key { return ContactToken.Meaning(rawValue: meanings[slot]) }
            slot = (slot + 1) & (Self.slots - 1)
        }
        return []
    }

    private static func slot(_ key: UInt64) -> Int { Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 53) }

    private mutating func add(_ words: String, _ meaning: ContactToken.Meaning) {
        for word in words.split(separator: " ") {
            // The first byte lowest.
            let key = word.utf8.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            var slot = Self.slot(key)
            while keys[slot] != 0, keys[slot] != key { slot = (slot + 1) & (Self.slots - 1) }
            keys[slot] = key
            meanings[slot] |= meaning.rawValue
        }
    }

    private init() {
        for (digit, word) in "zero one two three four five six seven eight nine".split(separator: " ").enumerated() {
            add(String(word), ContactToken.Meaning(rawValue: UInt32(digit + 1)))
        }
        add("oh o null", ContactToken.Meaning(rawValue: 1))
        add("double", .twice)
        add("triple", .thrice)
        add("at", .at)
        add("dot punkt punto point", .dot)
        add(
            "call calls calling text txt phone phones tel telephon mobile mob cell cellphon number num whatsapp wa viber signal"
                + " telegram ring sms contact reach dial msg fone ph landline hotline fax tlf mobil ringe telefon handy",
            .phone
        )
        add(
            "order orders ref invoice tracking parcel isbn code id account acct ticket case booking serial imei item sku",
            .order
        )
        add("article listing pin tin ssn vin reg receipt transfer ordre faktura", .order)
        add(
            "usd eur gbp nok sek dkk chf cad aud nzd inr jpy cny kr kroner dollar dollars euro euros pound pounds",
            .currency
        )
        add("quid bucks rs rupees rupee yen pln zl usdt btc eth rub", .currency)
        add("venmo cashapp cashtag paypal zelle revolut vipps swish bizum paytm gpay monzo", .service)
        add("gmail googlema hotmail yahoo outlook icloud proton protonma aol gmx yandex ymail live mail", .mailbox)
        add("on visit via site website link url goto pa", .place)
        add(
            "in is it so me to be am as us no my at la pm id se app shop online site store club live link top page pro",
            .top
        )
        add("the a an this that my your our of in and or to polka is was it for with no new old", .common)
        add("look looking see shop available here it find more visit check out meet online is are sale back", .looking)
        add("http https ftp hxxp hxxps", .scheme)
        add(
            "com net org info biz edu gov mil io xyz co uk de fr nl ru cn eu dk fi pl cz jp kr br mx ca au nz za ng ke pk ly gl"
                + " gg tv cc ws vip icu dev tk ml cf su ua kz il sa ae tr ir vn th sg hk tw ph lk bd np gr pt ro bg hr rs sk si"
                + " lt lv ee es hu ch mobi porn casino",
            .domain
        )
    }
}

/// Cuts a folded text into words, numbers and signs; spaces are what is between.
struct ContactTokens {
    /// No more than the text has bytes; the buffer is kept for the next text.
    private(set) var tokens: [ContactToken] = []
    /// Letters and digits without anything between, long enough for a wallet, or beginning as an IBAN does.
    private(set) var runs: [Range<Int>] = []
    /// What there is at all.
    private(set) var digitCount = 0
    private(set) var meanings = ContactToken.Meaning()
    private(set) var hasSigns = false
    private let vocabulary = ContactVocabulary.shared

    mutating func cut(_ form: TextForm) {
        tokens.removeAll(keepingCapacity: true)
        runs.removeAll(keepingCapacity: true)
        (digitCount, meanings, hasSigns) = (0, [], false)
        let (bytes, count) = (form.storage, form.count)
        var place = 0
        var runStart = 0
        while place < count {
            let byte = bytes[place]
            let start = place
            if byte == 0x20 {
                place += 1
            } else if ASCIITable.isDigit(byte) {
                while place < count, ASCIITable.isDigit(bytes[place]) { place += 1 }
                digitCount += place - start
                tokens.append(ContactToken(start: start, end: place, kind: .digits, meaning: []))
                continue
            } else {
                place = Self.wordEnd(form, from: start)
                if place > start {
                    let meaning = vocabulary.meaning(of: start..<place, in: form)
                    meanings.formUnion(meaning)
                    tokens.append(ContactToken(start: start, end: place, kind: .word, meaning: meaning))
                    continue
                }
                place += byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
                hasSigns = true
                tokens.append(ContactToken(start: start, end: place, kind: .sign, meaning: []))
            }
            note(bytes, runStart..<start)
            runStart = place
        }
        note(bytes, runStart..<count)
    }

    /// Where the letters from there on end.
    @inline(__always)
    private static func wordEnd(_ form: TextForm, from start: Int) -> Int {
        let (bytes, count) = (form.storage, form.count)
        var place = start
        while place < count {
            let length = EightBytes.leading(EightBytes(form.eightBytes(at: place)).smallLetters)
            place += length
            guard place < count else { return count }
            if length == 8 { continue }
            guard bytes[place] >= 128, form.classes[place] != 0 else { return place }
            place += 1
        }
        return place
    }

    private mutating func note(_ bytes: UnsafeMutablePointer<UInt8>, _ run: Range<Int>) {
        guard run.count >= 4 else { return }
        let start = bytes + run.lowerBound
        let isLikeIBAN =
            ASCIITable.isLetter(start[0]) && ASCIITable.isLetter(start[1]) && ASCIITable.isDigit(start[2])
            && ASCIITable.isDigit(start[3])
        if run.count >= 26 || isLikeIBAN { runs.append(run) }
    }
}
