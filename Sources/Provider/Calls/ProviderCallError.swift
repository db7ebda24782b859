package import JSON

/// Why stored text is not a call that can be performed; holds none of its content.
package enum ProviderCallError: Error, Equatable, CustomStringConvertible {
    case notJSON(JSONError)
    case notAnObject
    /// Written by a newer version, or not by us.
    case unknownCall(String)
    case missing(call: String, field: String)
    case wrongType(call: String, field: String)

    package var description: String {
        switch self {
        case .notJSON(let error): "read a stored call: \(error)"
        case .notAnObject: "read a stored call: not a JSON object"
        case .unknownCall(let name):
            "read a stored call: unknown call \"\(name.prefix(64))\". A newer version may have stored it: run that one."
        case .missing(let call, let field): "read a stored call: \(call) lacks \"\(field)\""
        case .wrongType(let call, let field):
            "read a stored call: \"\(field)\" of \(call) has another type than expected"
        }
    }
}
