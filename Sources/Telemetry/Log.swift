import Foundation
import Synchronization

/// Writes JSON lines: `time`, `level`, `message` and the fields given.
///
/// Never hand it a secret or a message's text.
package struct Log: Sendable {
    package enum Level: Int, Sendable, CaseIterable, Comparable {
        case debug, info, warning, error

        package init?(name: String) {
            guard let level = Self.allCases.first(where: { "\($0)" == name.lowercased() }) else { return nil }
            self = level
        }

        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    package enum Value: Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
        ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral
    {
        case string(String)
        case integer(Int64)
        case double(Double)
        case bool(Bool)

        package init(stringLiteral value: String) { self = .string(value) }
        package init(integerLiteral value: Int64) { self = .integer(value) }
        package init(booleanLiteral value: Bool) { self = .bool(value) }
        package init(_ value: String) { self = .string(value) }
        package init(_ value: some BinaryInteger) { self = .integer(Int64(clamping: value)) }
        package init(_ value: Double) { self = .double(value) }
    }

    private let level: Level
    private let write: @Sendable (String) -> Void

    /// - Parameter write: takes one line without its end; standard error unless given.
    package init(level: Level = .info, write: (@Sendable (String) -> Void)? = nil) {
        self.level = level
        self.write = write ?? Self.writeToStandardError
    }

    /// Discards everything.
    package static let none = Log(level: .error, write: { _ in })

    package func debug(_ message: String, _ fields: KeyValuePairs<String, Value> = [:]) { log(.debug, message, fields) }
    package func info(_ message: String, _ fields: KeyValuePairs<String, Value> = [:]) { log(.info, message, fields) }
    package func warning(_ message: String, _ fields: KeyValuePairs<String, Value> = [:]) {
        log(.warning, message, fields)
    }
    package func error(_ message: String, _ fields: KeyValuePairs<String, Value> = [:]) { log(.error, message, fields) }

    private func log(_ level: Level, _ message: String, _ fields: KeyValuePairs<String, Value>) {
        guard level >= self.level else { return }
        let time = Date().formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true))
        var line = "{\"time\":\"\(time)Z\",\"level\":\"\(level)\",\"message\":\(Self.quoted(message))"
        for (name, value) in fields { line += ",\(Self.quoted(name)):\(Self.text(value))" }
        write(line + "}")
    }

    private static func text(_ value: Value) -> String {
        switch value {
        case .string(let string): quoted(string)
        case .integer(let integer): "\(integer)"
        case .double(let double): double.isFinite ? "\(double)" : "null"
        case .bool(let bool): "\(bool)"
        }
    }

    private static func quoted(_ string: String) -> String {
        var result = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20:
                result += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static let standardError = Mutex(())

    private static func writeToStandardError(_ line: String) {
        standardError.withLock { _ in FileHandle.standardError.write(Data((line + "\n").utf8)) }
    }
}
