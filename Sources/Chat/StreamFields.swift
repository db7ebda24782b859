import JSON
import Limits

/// One object of an event, read leniently: `null` is absent, and a value of a wrong type is absent and remembered.
struct StreamFields {
    let value: JSONValue
    /// From the event's top, such as `message.user`; empty for the event itself.
    let path: String
    let context: StreamContext

    /// - Throws: ``DecodingFailure/identifierTooLong(field:)``. An empty identifier is none.
    func identifier(_ key: String) throws(DecodingFailure) -> String? {
        guard let text = string(key), !text.isEmpty else { return nil }
        return try checked(text, key)
    }

    func string(_ key: String) -> String? { read(key, \.string) }
    func flag(_ key: String) -> Bool? { read(key, \.bool) }
    func integer(_ key: String) -> Int64? { read(key) { $0.int64 ?? $0.double.flatMap(Int64.init(exactly:)) } }

    /// RFC 3339, or integer nanoseconds since 1970; the provider's zero times are absent.
    func time(_ key: String) -> Timestamp? {
        guard let value = present(key) else { return nil }
        if let nanoseconds = value.int64 ?? value.double.flatMap(Int64.init(exactly:)) {
            return StreamContext.zeroTimes.contains(nanoseconds) ? nil : Timestamp(nanoseconds: nanoseconds)
        }
        var time: RFC3339Time?
        _ = value.withUTF8 { time = RFC3339Time($0) }
        if let nanoseconds = time?.nanoseconds { return Timestamp(nanoseconds: nanoseconds) }
        if time?.isZero != true { fault(key) }
        return nil
    }

    func object(_ key: String) -> StreamFields? {
        read(key) { $0.kind == .object ? StreamFields(value: $0, path: child(key), context: context) : nil }
    }

    /// The first of the names that is an object here: some events capitalise theirs.
    func object(_ key: String, or other: String) -> StreamFields? { object(key) ?? object(other) }

    /// The elements that are objects.
    func objects(_ key: String) -> [StreamFields] {
        elements(key) { $0.kind == .object ? StreamFields(value: $0, path: child(key), context: context) : nil }
    }

    /// The elements that are strings.
    func strings(_ key: String) -> [String] { elements(key, \.string) }

    func array(_ key: String) -> JSONArray? { read(key) { $0.kind == .array ? $0.array : nil } }

    /// The value unless it is absent or `null`.
    func present(_ key: String) -> JSONValue? {
        guard let value = value[key], !value.isNull else { return nil }
        return value
    }

    func checked(_ identifier: String, _ key: String) throws(DecodingFailure) -> String {
        guard identifier.utf8.count <= context.limits.identifierBytes else {
            throw .identifierTooLong(field: child(key))
        }
        return identifier
    }

    func fault(_ key: String) { context.fault(child(key)) }

    private func read<Result>(_ key: String, _ convert: (JSONValue) -> Result?) -> Result? {
        guard let value = present(key) else { return nil }
        guard let result = convert(value) else {
            fault(key)
            return nil
        }
        return result
    }

    private func elements<Result>(_ key: String, _ convert: (JSONValue) -> Result?) -> [Result] {
        guard let array = array(key) else { return [] }
        return array.compactMap { element in
            let result = convert(element)
            if result == nil { fault(key) }
            return result
        }
    }

    private func child(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}

extension Optional {
    /// `??` for a right side that throws: the standard operator forgets which error.
    func or(_ other: @autoclosure () throws(DecodingFailure) -> Wrapped?) throws(DecodingFailure) -> Wrapped? {
        if let self { return self }
        return try other()
    }
}

/// What all objects of one event share while it is decoded.
final class StreamContext {
    let limits: Limits.Worker
    private(set) var faults: [String] = []

    /// What `0001-01-01T00:00:00Z` becomes as nanoseconds in Go (it overflows), and an unset integer.
    static let zeroTimes: Set<Int64> = [-6_795_364_578_871_345_152, 0]

    init(limits: Limits.Worker) { self.limits = limits }

    func fault(_ path: String) {
        guard faults.count < limits.faultsPerEvent, !faults.contains(path) else { return }
        faults.append(path)
    }
}
