extension ContactScanner {
    private static let dot = UInt8(ascii: ".")

    // MARK: Links

    /// A host without a scheme around a dot: `www.example.com`, `example.com/path`.
    mutating func scanHost(at place: Int) {
        guard place >= hostsSeen, isNameByte(place - 1), isNameByte(place + 1) else { return }
        let host = hostRange(around: place)
        hostsSeen = host.upperBound
        guard host.lowerBound >= consumed, byte(host.lowerBound - 1) != UInt8(ascii: "@"), isLink(host) else { return }
        addLink(from: host.lowerBound, host: host)
    }

    /// `https://`, with what may stand before the host.
    mutating func scanScheme(_ index: Int) {
        guard let before = token(index - 1), before.meaning.contains(.scheme) else { return }
        var start = tokens.tokens[index].end
        guard byte(start) == UInt8(ascii: "/"), byte(start + 1) == UInt8(ascii: "/") else { return }
        start += 2
        // Browsers take everything before the last `@` for a user's name, and a backslash for a slash.
        var end = start
        while end < form.count, !isAuthorityEnd(form.storage[end]) { end += 1 }
        var host = start..<end
        if let at = form.bytes[host].lastIndex(of: UInt8(ascii: "@")) { host = at + 1..<end }
        if byte(host.lowerBound) != UInt8(ascii: "["), let port = form.bytes[host].firstIndex(of: UInt8(ascii: ":")) {
            host = host.lowerBound..<port
        }
        while !host.isEmpty, !isNameByte(host.upperBound - 1), byte(host.upperBound - 1) != UInt8(ascii: "]") {
            host = host.lowerBound..<host.upperBound - 1
        }
        guard !host.isEmpty else { return }
        addLink(from: before.start, host: host)
    }

    private func isAuthorityEnd(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, UInt8(ascii: "/"), UInt8(ascii: "\\"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "<"),
            UInt8(ascii: ">"), UInt8(ascii: "\""):
            true
        default: false
        }
    }

    private mutating func addLink(from start: Int, host: Range<Int>, value: String? = nil) {
        var end = host.upperBound
        if value == nil {
            while end < form.count, !isLinkEnd(form.storage[end]) { end += 1 }
            while end > host.upperBound, isTrailing(form.storage[end - 1]) { end -= 1 }
        }
        add(.link, start..<end, host: host, value: value)
        if end > host.upperBound + 1, Self.payees.contains(string(host)) { add(.handle, start..<end) }
    }

    /// Hosts whose paths are payees.
    private static let payees: Set<String> = [
        "paypal.me", "www.paypal.me", "cash.app", "venmo.com", "www.venmo.com", "account.venmo.com", "revolut.me",
        "monzo.me",
        "ko-fi.com", "buymeacoffee.com", "qr.vipps.no",
    ]

    private func isLinkEnd(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "\"")
    }

    private func isTrailing(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ":"), UInt8(ascii: "!"),
            UInt8(ascii: "?"),
            UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "'"), UInt8(ascii: "*"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private func hostRange(around place: Int) -> Range<Int> {
        var (start, end) = (place, place + 1)
        while start > consumed, isHostByte(start - 1) { start -= 1 }
        while end < form.count, isHostByte(end) { end += 1 }
        while start < end, !isNameByte(start) { start += 1 }
        while end > start, !isNameByte(end - 1) { end -= 1 }
        return start..<end
    }

    private func isHostByte(_ place: Int) -> Bool {
        switch form.storage[place] {
        case Self.dot, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "%"): true
        default: isNameByte(place)
        }
    }

    /// Whether dotted words are an address: what ends as a domain, unless that may be the next sentence's first word.
    private func isLink(_ host: Range<Int>) -> Bool {
        guard let last = form.bytes[host].lastIndex(of: Self.dot), last > host.lowerBound else { return false }
        let top = last + 1..<host.upperBound
        guard top.count >= 2, form.bytes[top].allSatisfy({ ASCIITable.isLetter($0) || $0 >= 128 }) else { return false }
        if hasEmptyLabel(host) { return false }
        if form.bytes[host].starts(with: "www.".utf8) { return last > host.lowerBound + 3 }
        if isKnownDomain(top) { return true }
        let isWithPath = byte(host.upperBound) == UInt8(ascii: "/") && isNameByte(host.upperBound + 1)
        return top.count <= 12 && (isWithPath || isKnownDomain(top, .top) && isAfterPlaceWord(host.lowerBound))
    }

    private func hasEmptyLabel(_ host: Range<Int>) -> Bool {
        zip(form.bytes[host], form.bytes[host].dropFirst()).contains { $0 == Self.dot && $1 == Self.dot }
    }

    private func isKnownDomain(_ range: Range<Int>, _ kind: ContactToken.Meaning = .domain) -> Bool {
        guard range.count <= 8 else { return false }
        return ContactVocabulary.shared.meaning(of: range, in: form).contains(kind)
    }

    /// "on finn.no": the word before says that an address follows.
    private func isAfterPlaceWord(_ start: Int) -> Bool {
        guard let before = token(firstToken(from: start) - 1) else { return false }
        return before.meaning.contains(.place) && before.end < start
    }

    // MARK: E-mail addresses

    mutating func scanAt(_ index: Int) {
        let place = tokens.tokens[index].start
        if isNameByte(place + 1), let start = mailbox(endingAt: place) {
            let host = hostRange(around: place + 1)
            if host.lowerBound == place + 1, let last = form.bytes[host].lastIndex(of: Self.dot), !hasEmptyLabel(host),
                host.upperBound - last > 2,
                form.bytes[last + 1..<host.upperBound].allSatisfy({ !ASCIITable.isDigit($0) })
            {
                return add(.email, start..<host.upperBound)
            }
        }
        scanSpelledAt(index, isBracketed: false)
    }

    /// `name at host dot com`, `name (at) host.com`, `name @ gmail.com`.
    ///
    /// - Parameter index: of the word or sign for `@`; brackets around it are the tokens beside it.
    mutating func scanSpelledAt(_ index: Int, isBracketed: Bool) {
        let (first, last) = isBracketed ? (index - 1, index + 1) : (index, index)
        guard let before = token(first - 1), let after = token(last + 1), before.kind != .sign, after.kind == .word,
            let open = token(first), let close = token(last),
            open.start - before.end <= 1, after.start - close.end <= 1,
            let start = mailbox(endingAt: before.end)
        else { return }
        guard isBracketed || before.meaning.isDisjoint(with: .looking), let host = spelledHost(from: last + 1) else {
            return
        }
        // "meet me at example.com" is a link; "me at example dot com" is none.
        guard isBracketed || host.isSpelled || after.meaning.contains(.mailbox) else { return }
        add(.email, start..<host.end, value: string(start..<before.end) + "@" + host.name)
    }

    private func mailbox(endingAt end: Int) -> Int? {
        var start = end
        while start > consumed, isNameByte(start - 1) || "._%+-".utf8.contains(form.storage[start - 1]) { start -= 1 }
        while start < end, !isNameByte(start) { start += 1 }
        return start < end ? start : nil
    }

    // MARK: Dots that are spelled

    /// `[.]`, `(dot)`, `[at]`.
    mutating func scanBracket(_ index: Int) {
        guard let inner = token(index + 1), let close = token(index + 2), close.kind == .sign,
            ")]}".utf8.contains(form.storage[close.start])
        else { return }
        if inner.meaning.contains(.at) || isSign(index + 1, UInt8(ascii: "@")) {
            scanSpelledAt(index + 1, isBracketed: true)
        } else if inner.meaning.contains(.dot) || isSign(index + 1, Self.dot) {
            scanSpelledLink(dotFrom: index)
        }
    }

    /// `example dot com`.
    mutating func scanSpelledDot(_ index: Int) {
        guard let before = token(index - 1), before.kind != .sign, tokens.tokens[index].start - before.end == 1,
            before.meaning.isDisjoint(with: [.common, .at]), before.end - before.start >= 3
        else { return }
        scanSpelledLink(dotFrom: index)
    }

    private mutating func scanSpelledLink(dotFrom index: Int) {
        guard let before = token(index - 1), before.kind != .sign, tokens.tokens[index].start - before.end <= 1 else {
            return
        }
        var first = index - 1
        // What stands before without a space belongs to the host.
        while let previous = token(first - 1), previous.end == tokens.tokens[first].start, previous.start >= consumed,
            previous.kind != .sign || isHostByte(previous.start)
        {
            first -= 1
        }
        while first < index - 1, tokens.tokens[first].kind == .sign { first += 1 }
        guard let host = spelledHost(from: first) else { return }
        addLink(from: tokens.tokens[first].start, host: tokens.tokens[first].start..<host.end, value: host.name)
    }

    /// Labels with dots between, some of them spelled, up to a known domain.
    private func spelledHost(from index: Int) -> (name: String, end: Int, isSpelled: Bool)? {
        var (name, next, isSpelled) = ("", index, false)
        var best: (name: String, end: Int, isSpelled: Bool)?
        for _ in 0..<8 {
            let labelStart = next
            while let part = token(next), part.kind != .sign || form.storage[part.start] == UInt8(ascii: "-"),
                next == labelStart || part.start == tokens.tokens[next - 1].end
            {
                next += 1
            }
            guard next > labelStart else { return best }
            let label = tokens.tokens[labelStart].start..<tokens.tokens[next - 1].end
            guard form.bytes[label].count <= 63 else { return best }
            name += string(label)
            if labelStart > index, isKnownDomain(label) { best = (name, label.upperBound, isSpelled) }
            guard let (after, wasSpelled) = spelledDot(next) else { return best }
            (next, isSpelled) = (after, isSpelled || wasSpelled)
            name += "."
        }
        return best
    }

    /// The token after a dot, and whether that was more than a dot.
    private func spelledDot(_ index: Int) -> (Int, Bool)? {
        guard let token = token(index) else { return nil }
        if token.meaning.contains(.dot) { return (index + 1, true) }
        if isSign(index, Self.dot) { return byte(token.end) == 0x20 ? nil : (index + 1, byte(token.start - 1) == 0x20) }
        guard token.kind == .sign, "[({".utf8.contains(form.storage[token.start]), let close = self.token(index + 2),
            close.kind == .sign, ")]}".utf8.contains(form.storage[close.start]),
            isSign(index + 1, Self.dot) || self.token(index + 1)?.meaning.contains(.dot) == true
        else { return nil }
        return (index + 3, true)
    }
}
