/// How a kind's channel ids are made: `listing_{id}_{buyer|buyer_id}`.
///
/// `{id}` is the object's id; other names are fields of the object, of which the first that it has is taken.
package struct ChannelIDPattern: Sendable, Equatable, CustomStringConvertible {
    package struct Fault: Error, Equatable {
        /// Completes "must be …".
        package let allowed: String
    }

    enum Part: Sendable, Equatable {
        case literal(String)
        /// Names, in order of preference.
        case field([String])
    }

    package static let idField = "id"

    package let description: String
    let parts: [Part]

    /// - Throws: ``Fault`` for a pattern that could give two objects of one kind the same channel, or no valid id.
    package init(_ text: String) throws(Fault) {
        (description, parts) = (text, try Self.parse(text))
    }

    /// Of code of our own, which has been tried.
    init(trusted text: String) {
        do throws(Fault) { try self.init(text) } catch { preconditionFailure("\(text) must be \(error.allowed)") }
    }

    /// Letters, digits and `@ _ - ! .`: what the provider takes in a channel's id or type.
    package static func isAllowed(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "@_-!.".utf8.contains(byte)
            }
        }
    }

    private static func parse(_ text: String) throws(Fault) -> [Part] {
        let fault = Fault(allowed: "letters, digits, @ _ - ! . and field names in braces, such as event-{id}")
        var (parts, rest): ([Part], Substring) = ([], text[...])
        while !rest.isEmpty {
            let literal = rest.prefix { $0 != "{" }
            rest = rest[literal.endIndex...]
            if !literal.isEmpty {
                guard isAllowed(String(literal)) else { throw fault }
                parts.append(.literal(String(literal)))
            }
            guard !rest.isEmpty else { break }
            guard let end = rest.firstIndex(of: "}") else { throw fault }
            let names = rest[..<end].dropFirst().split(separator: "|", omittingEmptySubsequences: false)
            guard names.allSatisfy({ !$0.isEmpty && !$0.contains("{") }) else { throw fault }
            if case .field? = parts.last { throw Fault(allowed: "a pattern with text between its fields") }
            parts.append(.field(names.map(String.init)))
            rest = rest[rest.index(after: end)...]
        }
        guard parts.contains(.field([idField])) else {
            throw Fault(allowed: "a pattern with {id}, so that each object has a channel of its own")
        }
        return parts
    }
}
