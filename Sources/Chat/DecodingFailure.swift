package import JSON

/// Why a signed body is no event: it goes to the dead letters, which alone hold what it says.
package enum DecodingFailure: Error, Equatable, CustomStringConvertible {
    case malformed(JSONError)
    case notAnObject
    /// `type` is absent, empty, too long, or not a string.
    case missingType
    /// An identifier that becomes a key is longer than `Limits.Worker.identifierBytes`; `field` is its path.
    case identifierTooLong(field: String)

    /// What a dead letter's reason begins with; never changes.
    package var kind: String {
        switch self {
        case .malformed(let error): error.name
        case .notAnObject: "not-an-object"
        case .missingType: "missing-type"
        case .identifierTooLong: "identifier-too-long"
        }
    }

    package var description: String {
        switch self {
        case .malformed(let error): "event not decoded: \(error). Its bytes are kept as a dead letter."
        case .notAnObject: "event not decoded: the body is JSON but no object. Is this URL used by something else?"
        case .missingType: "event not decoded: no usable \"type\". Is this URL used by something else?"
        case .identifierTooLong(let field): "event not decoded: \(field) is longer than any identifier may be"
        }
    }
}

extension JSONError {
    fileprivate var name: String {
        switch self {
        case .empty: "empty"
        case .malformed: "malformed-json"
        case .invalidString: "invalid-string"
        case .numberOutOfRange: "number-out-of-range"
        case .invalidUTF8: "invalid-utf8"
        case .tooDeep: "too-deep"
        case .tooLarge: "too-large"
        case .outOfMemory: "out-of-memory"
        }
    }
}
