import Analytics
import Blocking
import Limits

/// Who wrote in pieces of time, as it was last counted, each with the number that its days had then (``FigureVersions``).
///
/// In bounded memory, as ``FigureMemory``.
final class PeopleMemory: Sendable {
    private struct Piece {
        let version: Int64
        let people: ActivePeople
    }

    private struct State {
        var names = NamesInUse()
        var pieces: [Range<Quarter>: Piece] = [:]
        var bytesKept = 0

        mutating func forgetPieces() { (pieces, bytesKept) = ([:], 0) }
    }

    private let state = Locked(State())
    private let limits: Limits.Figures

    init(_ limits: Limits.Figures) { self.limits = limits }

    /// - Parameter names: what numbers stand for; what rests on others is not known.
    func people(_ quarters: Range<Quarter>, version: Int64, _ names: FigureNames) -> ActivePeople? {
        state.withLock { state in
            guard state.names.are(names), let known = state.pieces[quarters], known.version == version else {
                return nil
            }
            return known.people
        }
    }

    func keep(_ people: ActivePeople, _ quarters: Range<Quarter>, version: Int64, _ names: FigureNames) {
        let piece = Piece(version: version, people: people.compact)
        state.withLock { state in
            guard people.room <= limits.peopleBytesKept, let isNew = state.names.adopt(names) else { return }
            if isNew { state.forgetPieces() }
            if let known = state.pieces.removeValue(forKey: quarters) { state.bytesKept -= known.people.room }
            if state.bytesKept + people.room > limits.peopleBytesKept { state.forgetPieces() }
            state.pieces[quarters] = piece
            state.bytesKept += people.room
        }
    }
}
