import Chat

extension RuleAnswer {
    /// As decisions record what an event says: nobody's long words twice.
    func shortened(to bytes: Int) -> RuleAnswer {
        switch self {
        case .value(.text(let text)): .value(.text(text.shortened(to: bytes)))
        case .value(.texts(let texts)): .value(.texts(Self.first(of: texts, bytes)))
        case .value, .missing, .unavailable: self
        }
    }

    private static func first(of texts: [String], _ bytes: Int) -> [String] {
        var (kept, left): ([String], Int) = ([], bytes)
        for text in texts where left > 0 {
            kept.append(text.shortened(to: left))
            left -= text.utf8.count
        }
        return kept
    }
}

extension String {
    /// Whole characters, and a mark where some are left out.
    fileprivate func shortened(to bytes: Int) -> String {
        guard utf8.count > bytes else { return self }
        var end = utf8.index(startIndex, offsetBy: bytes)
        while end.samePosition(in: self) == nil { end = utf8.index(before: end) }
        return self[..<end] + "…"
    }
}
