import Chat
import Limits

extension Parameter where Value == String {
    /// An identifier of the provider or of the app, in any characters.
    static func identifier(_ name: String, in place: ParameterPlace, _ summary: String) -> Self {
        var parameter = text(name, in: place, summary, allowed: "1 to \(identifierBytes) bytes") {
            !$0.isEmpty && $0.utf8.count <= identifierBytes
        }
        parameter.schema = .text
        return parameter
    }

    static func text(
        _ name: String,
        in place: ParameterPlace,
        _ summary: String,
        allowed: String,
        isAllowed: @escaping @Sendable (String) -> Bool
    ) -> Self {
        Self(
            name: name,
            place: place,
            summary: summary,
            allowed: allowed,
            fallback: nil,
            shownFallback: nil,
            read: { isAllowed($0) ? $0 : nil }
        )
    }

    private static var identifierBytes: Int { Limits.Worker().identifierBytes }
}

extension Parameter where Value == Int {
    static func integer(
        _ name: String,
        _ summary: String,
        in range: ClosedRange<Int>,
        place: ParameterPlace = .query,
        default fallback: Int? = nil
    ) -> Self {
        Self(
            name: name,
            place: place,
            summary: summary,
            allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            fallback: fallback,
            shownFallback: fallback.map { "\($0)" },
            read: { text in
                let isPlain = text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
                return isPlain ? Int(text).flatMap { range.contains($0) ? $0 : nil } : nil
            },
            schema: .range(range)
        )
    }
}

extension Parameter where Value == Bool {
    static func flag(_ name: String, in place: ParameterPlace = .query, _ summary: String) -> Self {
        Self(
            name: name,
            place: place,
            summary: summary,
            allowed: "true or false",
            fallback: nil,
            shownFallback: nil,
            read: { ["true": true, "false": false][$0] },
            schema: .boolean
        )
    }
}

extension Parameter where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    static func choice(_ name: String, in place: ParameterPlace, _ summary: String) -> Self {
        let names = Value.allCases.map(\.rawValue)
        return Self(
            name: name,
            place: place,
            summary: summary,
            allowed: names.dropLast().joined(separator: ", ") + " or " + (names.last ?? ""),
            fallback: nil,
            shownFallback: nil,
            read: { Value(rawValue: $0) },
            schema: .choice(names)
        )
    }

    func defaulting(to value: Value) -> Self { defaulting(to: value, shown: value.rawValue) }
}

extension Parameter where Value == Timestamp {
    static func instant(_ name: String, _ summary: String) -> Self {
        Self(
            name: name,
            place: .query,
            summary: summary,
            allowed: "an instant such as 2026-05-08T10:11:12Z (RFC 3339)",
            fallback: nil,
            shownFallback: nil,
            read: { Timestamp(queryText: $0)?.roundedDownToMilliseconds },
            schema: .time
        )
    }
}

extension Timestamp {
    /// A plus that was not escaped arrives as a space: here it can only be the sign of the offset, as in "+01:00".
    init?(queryText text: String) {
        let bytes = Array(text.utf8)
        let sign = bytes.count - Self.offsetBytes
        guard sign > 0, bytes[sign] == UInt8(ascii: " ") else {
            self.init(rfc3339: text)
            return
        }
        self.init(rfc3339: String(decoding: bytes[..<sign] + [UInt8(ascii: "+")] + bytes[(sign + 1)...], as: UTF8.self))
    }

    /// "+hh:mm".
    private static let offsetBytes = 6
}
