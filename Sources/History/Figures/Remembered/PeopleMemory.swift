import Analytics
import Blocking
import Limits

/// Who wrote in pieces of time, as it was last counted, each with the number that its days had then (``FigureVersions``).
///
/// In bounded room, as ``Remembered``.
final class PeopleMemory: Sendable {
    private let state: Locked<(names: NamesInUse, pieces: Remembered<Range<Quarter>, ActivePeople>)>

    init(_ limits: Limits.Figures) { state = Locked((NamesInUse(), Remembered(most: limits.peopleBytesKept))) }

    /// - Parameter names: what numbers stand for; what rests on others is not known.
    func people(_ quarters: Range<Quarter>, version: Int64, _ names: FigureNames) -> ActivePeople? {
        state.withLock { $0.names.are(names) ? $0.pieces.value(quarters, version: version) : nil }
    }

    func keep(_ people: ActivePeople, _ quarters: Range<Quarter>, version: Int64, _ names: FigureNames) {
        let kept = people.compact
        state.withLock { state in
            guard let isNew = state.names.adopt(names) else { return }
            if isNew { state.pieces.forgetAll() }
            state.pieces.keep(kept, taking: kept.room, quarters, version: version)
        }
    }
}
