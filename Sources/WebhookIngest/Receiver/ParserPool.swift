import Blocking
import JSON

/// JSON parsers to borrow, so that each thread finds one warm: never more of them than threads that parse at once.
final class ParserPool: Sendable {
    /// `@unchecked Sendable`: a parser is in the pool or with one borrower, never both.
    private struct Parked: @unchecked Sendable { let parser: JSONParser }

    private let parked = Locked<[Parked]>([])

    func withParser<Value>(_ body: (JSONParser) -> Value) -> Value {
        let parser = parked.withLock { $0.popLast() } ?? Parked(parser: JSONParser())
        defer { parked.withLock { $0.append(parser) } }
        return body(parser.parser)
    }
}
