package import Chat
package import History
package import Limits

extension FactStore {
    /// - Parameters:
    ///   - order: which source decides where several know a field: the first.
    ///   - app: `nil` where none is configured.
    package convenience init(
        history: HistoryHandle,
        app: AppDatabase?,
        order: [FactOrigin] = FactOrigin.allCases,
        limits: Limits.Facts,
        now: @escaping @Sendable () -> Timestamp
    ) {
        let sources: [(any FactSource)?] = order.map { origin in
            switch origin {
            case .pushed: PushedFactSource(history: history, limits: limits)
            case .app: app
            case .chat: ChatFactSource(history: history, limits: limits, now: now)
            }
        }
        self.init(sources: sources.compactMap(\.self), limits: limits, now: now)
    }
}
