import Chat
import Foundation
import Spelling

/// What values must look like; each throws what is allowed.
enum SettingCheck {
    /// A key, id or secret: what a copy by hand spoils is white space.
    static func word(_ text: String) throws(SettingProblem) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw SettingProblem("text without spaces and line ends: copy it again")
        }
    }

    static func webAddress(_ text: String) throws(SettingProblem) {
        try word(text)
        guard let url = URL(string: text), ["http", "https"].contains(url.scheme), url.host?.isEmpty == false else {
            throw SettingProblem("an address that begins with http:// or https:// and names a host")
        }
    }

    /// As browsers send it: scheme, host and port, no path; or `*`.
    static func origin(_ text: String) throws(SettingProblem) {
        if text == "*" { return }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, ["http:", "https:"].contains(parts[0]), parts[1].isEmpty, !parts[2].isEmpty,
            text.utf8.allSatisfy({ 0x21...0x7e ~= $0 }), text == text.lowercased()
        else { throw SettingProblem("an origin such as https://shop.example, or *") }
    }

    static func mongoAddress(_ text: String) throws(SettingProblem) {
        try word(text)
        guard text.hasPrefix("mongodb://") || text.hasPrefix("mongodb+srv://") else {
            throw SettingProblem("an address that begins with mongodb:// or mongodb+srv://")
        }
    }

    /// Source: MongoDB manual, “Naming Restrictions”.
    static func databaseName(_ text: String) throws(SettingProblem) {
        let forbidden = Set(#"/\. "$*<>:|?"#)
        guard text.utf8.count < 64, !text.contains(where: forbidden.contains),
            !["admin", "local", "config"].contains(text)
        else {
            throw SettingProblem(#"a database's name: under 64 bytes, none of /\. "$*<>:|? and not the server's own"#)
        }
    }

    /// An IANA name.
    static func timeZone(_ text: String) throws(SettingProblem) {
        guard Zone(text) == nil else { return }
        let problem = "IANA names of time zones, such as Europe/Oslo, or UTC"
        throw SettingProblem(problem + Suggestion.text(for: text, among: Zone.names))
    }

    /// `listing_{listing_id}`: known names in braces.
    static func channelPattern(_ text: String) throws(SettingProblem) {
        let known = BusinessContext.Kind.allCases.map(\.field)
        let problem = SettingProblem("channel ids with names in braces, each of \(known.joined(separator: ", "))")
        let parts = text.split(separator: "{", omittingEmptySubsequences: false).dropFirst()
        guard !parts.isEmpty, text.count(where: { $0 == "}" }) == parts.count else { throw problem }
        var seen: Set<String> = []
        for part in parts {
            guard let end = part.firstIndex(of: "}") else { throw problem }
            let name = String(part[..<end])
            guard known.contains(name) else {
                throw SettingProblem(problem.allowed + Suggestion.text(for: name, among: known))
            }
            guard seen.insert(name).inserted else { throw SettingProblem("each name once in a pattern") }
        }
    }

    /// A path of names in a message: `message_type`, `custom.kind`.
    static func fieldPath(_ text: String) throws(SettingProblem) {
        let names = text.split(separator: ".", omittingEmptySubsequences: false)
        guard names.allSatisfy({ !$0.isEmpty && !$0.contains(where: \.isWhitespace) }) else {
            throw SettingProblem("names of message fields, with dots between levels")
        }
    }
}

/// Sizes as people write them: `65536`, `64MB` (millions of bytes), `64MiB` (1,048,576 bytes each).
enum ByteSize {
    private static let units: [(name: String, bytes: Int64)] = [
        ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000),
        ("KB", 1_000), ("B", 1),
    ]

    static func parse(_ text: String) -> Int64? {
        let unit = units.first { text.hasSuffix($0.name) }
        var digits = text.dropLast(unit?.name.count ?? 0)
        if unit != nil, digits.hasSuffix(" ") { digits = digits.dropLast() }
        guard !digits.isEmpty, digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
            let number = Int64(digits)
        else { return nil }
        let (result, overflow) = number.multipliedReportingOverflow(by: unit?.bytes ?? 1)
        return overflow ? nil : result
    }

    static func text(_ bytes: Int64) -> String {
        guard bytes > 0, let unit = units.prefix(3).first(where: { bytes.isMultiple(of: $0.bytes) }) else {
            return "\(bytes)"
        }
        return "\(bytes / unit.bytes)\(unit.name)"
    }
}
