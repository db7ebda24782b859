import Blocking
import Limits

/// Channels, listings, people and whatever else figures are of by number: all that is remembered of one holds its name once.
final class FigureNames: Sendable {
    /// Later ones are greater.
    let generation: Int
    private let names = Locked(Numbering<String>())

    init(generation: Int = 0) { self.generation = generation }

    var count: Int { names.withLock { $0.all.count } }
    /// By number.
    var all: [String] { names.withLock(\.all) }

    func known(_ name: String) -> Int32? { names.withLock { $0.known(name) } }

    func number(of name: String) -> Int32 { names.withLock { $0.number(of: name) } }
}

/// The names that a node's readers use for what they remember: others once they are too many, and what rests on those before is then
/// forgotten.
final class FigureNamePool: Sendable {
    private let state = Locked(FigureNames())
    private let limits: Limits.Figures

    init(_ limits: Limits.Figures) { self.limits = limits }

    /// To be asked once a question, for all of it.
    func names() -> FigureNames {
        state.withLock { names in
            if names.count >= limits.namesKept { names = FigureNames(generation: names.generation + 1) }
            return names
        }
    }
}

/// What numbers stand for in something that is remembered.
struct NamesInUse {
    private var names: FigureNames?

    func are(_ names: FigureNames) -> Bool { self.names === names }

    /// From now on these, unless later ones are in use.
    ///
    /// - Returns: whether others were before, and what rests on them has to be forgotten; `nil` where these are too old.
    mutating func adopt(_ names: FigureNames) -> Bool? {
        guard !are(names) else { return false }
        if let known = self.names, known.generation > names.generation { return nil }
        self.names = names
        return true
    }
}

extension Array {
    /// In no more memory than it needs.
    var compact: [Element] {
        var compact: [Element] = []
        compact.reserveCapacity(count)
        compact += self
        return compact
    }
}
