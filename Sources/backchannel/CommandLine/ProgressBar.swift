import Foundation
import Synchronization

/// One line on standard error that is drawn over and over, and removed at the end.
final class ProgressBar: Sendable {
    private static let width = 30
    private let lastDrawn = Mutex(ContinuousClock.now - .seconds(1))

    /// Draws on a terminal; does nothing elsewhere.
    static func drawing(if isTerminal: Bool) -> @Sendable (Int, Int?) -> Void {
        guard isTerminal else { return { _, _ in } }
        let bar = ProgressBar()
        return { bar.draw($0, of: $1) }
    }

    private func draw(_ count: Int, of total: Int?) {
        let isEnd = count == total
        let isDue = lastDrawn.withLock { last in
            let now = ContinuousClock.now
            guard isEnd || now - last >= .milliseconds(100) else { return false }
            last = now
            return true
        }
        guard isDue else { return }
        let line = isEnd ? "\r\u{1B}[K" : "\r\(Self.text(count, of: total))\u{1B}[K"
        FileHandle.standardError.write(Data(line.utf8))
    }

    static func text(_ count: Int, of total: Int?) -> String {
        guard let total, total > 0 else { return "\(count) sent" }
        let share = min(1, Double(count) / Double(total))
        let filled = Int(share * Double(width))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        return "\(bar) \(Int(share * 100)) %  \(count) of \(total)"
    }
}
