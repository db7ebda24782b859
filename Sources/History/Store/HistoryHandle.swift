import Synchronization

/// The history once it is open: MongoDB may come later than the service, and ingestion does not wait for it.
package final class HistoryHandle: Sendable {
    private struct State {
        var store: HistoryStore?
        var fault: HistoryError?
        var isReachable = false
    }

    private let open: @Sendable () throws(HistoryError) -> HistoryStore
    private let state = Mutex(State())

    /// - Parameter open: called until it succeeds once; blocks.
    package init(open: @escaping @Sendable () throws(HistoryError) -> HistoryStore) { self.open = open }

    /// `nil` until MongoDB was reached and the database found to be ours.
    package var store: HistoryStore? { state.withLock { $0.store } }

    /// Why the history is not open, if it was tried.
    package var fault: HistoryError? { state.withLock { $0.fault } }

    /// Whether the last use of MongoDB succeeded.
    package var isReachable: Bool { state.withLock { $0.isReachable } }

    package func note(isReachable: Bool) { state.withLock { $0.isReachable = isReachable } }

    /// The database is not as it was left: opening again looks whether it is still ours, and makes missing indexes.
    package func close() { state.withLock { $0 = State() } }

    /// The open history, opening it now if need be.
    ///
    /// Blocking.
    package func opened() throws(HistoryError) -> HistoryStore {
        if let store { return store }
        do throws(HistoryError) {
            let store = try open()
            state.withLock { $0 = State(store: store, fault: nil, isReachable: true) }
            return store
        } catch {
            state.withLock { $0.fault = error }
            throw error
        }
    }
}
