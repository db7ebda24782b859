import JSON

/// A request's body as JSON, for routes that read it themselves.
enum RequestJSON {
    static func object(in body: [UInt8]) throws(Problem) -> JSONValue {
        let root: JSONValue
        do throws(JSONError) { root = try JSONParser().parse(body) } catch {
            throw Problem(400, "The body must be a JSON object: \(error).")
        }
        guard root.kind == .object else { throw Problem(400, "The body must be a JSON object.") }
        return root
    }
}
