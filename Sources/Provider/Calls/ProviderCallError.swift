package import JSON

/// Why text is not a call that can be performed; holds none of its content.
package enum ProviderCallError: Error, Equatable, CustomStringConvertible {
    case notJSON(JSONError)
    case notAnObject
    /// Written by a newer version, or not by us.
    case unknownCall(String)
    case missing(call: String, field: String)
    case wrongType(call: String, field: String)

    package var description: String {
        switch self {
        case .notJSON(let error): error.description
        case .notAnObject: "not a JSON object"
        case .unknownCall(let name): "there is no call \"\(name.prefix(64))\""
        case .missing(let call, let field): "\(call) lacks \"\(field)\""
        case .wrongType(let call, let field): "\"\(field)\" of \(call) has another type than expected"
        }
    }
}
