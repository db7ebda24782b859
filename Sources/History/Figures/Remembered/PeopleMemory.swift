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
        var names = MemberNames()
        var pieces: [Range<Quarter>: Piece] = [:]
        var bytesKept = 0

        mutating func forgetPieces() { (pieces, bytesKept) = ([:], 0) }
    }

    private let state = Locked(State())
    private let limits: Limits.Figures

    init(_ limits: Limits.Figures) { self.limits = limits }

    /// What numbers stand for in what is kept from now on; what rests on others is neither known nor kept.
    func names() -> MemberNames {
        state.withLock { state in
            if state.names.count >= limits.memberNamesKept { state = State() }
            return state.names
        }
    }

    func people(_ quarters: Range<Quarter>, version: Int64, _ names: MemberNames) -> ActivePeople? {
        state.withLock { state in
            guard state.names === names, let known = state.pieces[quarters], known.version == version else {
                return nil
            }
            return known.people
        }
    }

    func keep(_ people: ActivePeople, _ quarters: Range<Quarter>, version: Int64, _ names: MemberNames) {
        let piece = Piece(version: version, people: people.compact)
        state.withLock { state in
            guard state.names === names, people.room <= limits.peopleBytesKept else { return }
            if let known = state.pieces.removeValue(forKey: quarters) { state.bytesKept -= known.people.room }
            if state.bytesKept + people.room > limits.peopleBytesKept { state.forgetPieces() }
            state.pieces[quarters] = piece
            state.bytesKept += people.room
        }
    }
}
