extension ContactScanner {
    // MARK: Sums

    func isCurrency(_ token: ContactToken) -> Bool {
        guard token.kind == .sign else { return false }
        switch form.storage[token.start] {
        case UInt8(ascii: "$"): return true
        case 0xC2: return (0xA2...0xA5).contains(byte(token.start + 1))
        case 0xE2: return byte(token.start + 1) == 0x82 && byte(token.start + 2) >= 0xA0
        default: return false
        }
    }

    /// `$5`, `£ 1,200.50`, `€5k`.
    mutating func scanMoney(afterSign index: Int) -> Bool {
        let sign = tokens.tokens[index]
        if let number = token(index + 1), number.kind == .digits, number.start - sign.end <= 1 {
            add(.money, sign.start..<amountEnd(index + 1))
            return true
        }
        // 5€
        guard let number = token(index - 1), number.kind == .digits, sign.start - number.end <= 1,
            number.end > moneySeen, let start = amountStart(index - 1)
        else { return false }
        add(.money, start..<sign.end)
        return true
    }

    /// `50 usd`, `rs. 500`.
    mutating func scanMoney(afterWord index: Int) {
        let word = tokens.tokens[index]
        if let number = token(index - 1), number.kind == .digits, word.start - number.end <= 1,
            let start = amountStart(index - 1)
        {
            return add(.money, start..<word.end)
        }
        // 5k usd
        if let unit = token(index - 1), unit.kind == .word, unit.end - unit.start == 1, let number = token(index - 2),
            number.kind == .digits, number.end == unit.start, word.start - unit.end <= 1,
            let start = amountStart(index - 2)
        {
            return add(.money, start..<word.end)
        }
        let next = isSign(index + 1, UInt8(ascii: ".")) ? index + 2 : index + 1
        guard let number = token(next), number.kind == .digits, number.start - word.end <= 2,
            word.end - word.start <= 3, !isWordByte(word.start - 1)
        else { return }
        add(.money, word.start..<amountEnd(next))
    }

    private var moneySeen: Int { found.last { $0.kind == .money }?.range.upperBound ?? 0 }

    private func amountEnd(_ index: Int) -> Int {
        var next = index
        while let sign = token(next + 1), let more = token(next + 2), sign.kind == .sign, more.kind == .digits,
            sign.start == tokens.tokens[next].end, more.start == sign.end, isInAmount(form.storage[sign.start])
        {
            next += 2
        }
        let end = tokens.tokens[next].end
        guard let unit = token(next + 1), unit.start == end, unit.kind == .word, unit.end - unit.start == 1,
            "km".utf8.contains(form.storage[unit.start])
        else { return end }
        return unit.end
    }

    private func amountStart(_ index: Int) -> Int? {
        var first = index
        while let sign = token(first - 1), let more = token(first - 2), sign.kind == .sign, more.kind == .digits,
            more.end == sign.start, sign.end == tokens.tokens[first].start, isInAmount(form.storage[sign.start]),
            index - first < 12
        {
            first -= 2
        }
        let start = tokens.tokens[first].start
        return start >= consumed && !isWordByte(start - 1) ? start : nil
    }

    private func isInAmount(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "'")
    }

    // MARK: Names at services

    /// `$cashtag`, where a word before says that it is one, or a digit in it.
    mutating func scanCashtag(_ index: Int) {
        let sign = tokens.tokens[index].start
        guard !isWordByte(sign - 1), byte(sign - 1) != UInt8(ascii: "$"), ASCIITable.isLetter(byte(sign + 1)) else {
            return
        }
        let end = nameEnd(sign + 1)
        guard (3...21).contains(end - sign) else { return }
        let isAsked = isPreceded(index, by: [.service, .currency]) || isAfterCash(index)
        let hasDigit = form.bytes[sign..<end].contains(where: ASCIITable.isDigit)
        if isAsked || hasDigit && end - sign >= 7 { add(.handle, sign..<end) }
    }

    /// "cash app $name", "cash: $name".
    private func isAfterCash(_ index: Int) -> Bool {
        for before in stride(from: index - 1, through: max(0, index - 5), by: -1) {
            let word = tokens.tokens[before]
            if form.bytes[word.start..<word.end].elementsEqual("cash".utf8) { return true }
        }
        return false
    }

    /// "venmo @name", "my PayPal is @name".
    mutating func scanServiceName(_ index: Int) {
        for next in index + 1...index + 5 {
            guard let sign = token(next) else { return }
            guard sign.kind == .sign, form.storage[sign.start] == UInt8(ascii: "@"), !isWordByte(sign.start - 1),
                ASCIITable.isLetter(byte(sign.start + 1))
            else { continue }
            let end = nameEnd(sign.start + 1)
            if end - sign.start >= 4 { add(.handle, sign.start..<end) }
            return
        }
    }

    private func nameEnd(_ start: Int) -> Int {
        var end = start
        while end < form.count, isNameByte(end) || "-_".utf8.contains(form.storage[end]) { end += 1 }
        while end > start, !isNameByte(end - 1) { end -= 1 }
        return end
    }

    // MARK: Accounts and wallets

    mutating func scanRun(_ run: Range<Int>) {
        guard run.lowerBound >= consumed else { return }
        if let end = accountEnd(run.lowerBound) { return add(.handle, run.lowerBound..<end) }
        if run.count >= 26, isWallet(form.bytes[run]) { add(.handle, run) }
    }

    /// Where an IBAN ends that begins here, in one or in groups of four.
    ///
    /// Source: ISO 13616, ISO 7064 (MOD 97-10).
    private func accountEnd(_ start: Int) -> Int? {
        var (place, count, remainder, end) = (start, 0, 0, 0)
        var head: [UInt8] = []
        var best: Int?
        while place <= form.count, count <= 34 {
            let isEnd = place == form.count || !isAccountByte(form.storage[place])
            if isEnd {
                if count >= 15, head.reduce(remainder, Self.appended) == 1 { best = place }
                // A space after every four: the last group may be shorter.
                guard place < form.count, form.storage[place] == 0x20, count % 4 == 0, count < 34, place > end else {
                    break
                }
                end = place + 1
            } else {
                if count < 4 {
                    head.append(form.storage[place])
                } else {
                    remainder = Self.appended(remainder, form.storage[place])
                }
                count += 1
            }
            place += 1
        }
        return best
    }

    private func isAccountByte(_ byte: UInt8) -> Bool { ASCIITable.isLetter(byte) || ASCIITable.isDigit(byte) }

    private static func appended(_ remainder: Int, _ byte: UInt8) -> Int {
        ASCIITable.isDigit(byte) ? (remainder * 10 + Int(byte) - 48) % 97 : (remainder * 100 + Int(byte) - 87) % 97
    }

    /// An address of Bitcoin or Ethereum by its form.
    ///
    /// Sources: Bitcoin's base58 and BIP 173; Ethereum's hexadecimal addresses.
    private func isWallet(_ run: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        let digits = run.count(where: ASCIITable.isDigit)
        if run.starts(with: "0x".utf8) {
            return run.count == 42 && run.dropFirst(2).allSatisfy { ASCIITable.isDigit($0) || (97...102).contains($0) }
        }
        if run.starts(with: "bc1".utf8) {
            return (42...62).contains(run.count) && run.dropFirst(3).allSatisfy { !"1bio".utf8.contains($0) }
        }
        guard let first = run.first, first == UInt8(ascii: "1") || first == UInt8(ascii: "3") else { return false }
        return (26...35).contains(run.count) && digits >= 2 && run.count - digits >= 10
            && !run.contains(UInt8(ascii: "0"))
    }
}
