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

    /// The same for what has no known total: the share that is done, and what to say beside it.
    static func drawingShare(if isTerminal: Bool) -> @Sendable (Double, String) -> Void {
        guard isTerminal else { return { _, _ in } }
        let bar = ProgressBar()
        return { bar.draw(isEnd: $0 >= 1, text($0, $1)) }
    }

    private func draw(_ count: Int, of total: Int?) { draw(isEnd: count == total, Self.text(count, of: total)) }

    private func draw(isEnd: Bool, _ text: String) {
        let isDue = lastDrawn.withLock { last in
            let now = ContinuousClock.now
            guard isEnd || now - last >= .milliseconds(100) else { return false }
            last = now
            return true
        }
        guard isDue else { return }
        let line = isEnd ? "\r\u{1B}[K" : "\r\(text)\u{1B}[K"
        FileHandle.standardError.write(Data(line.utf8))
    }

    static func text(_ count: Int, of total: Int?) -> String {
        guard let total, total > 0 else { return "\(count) sent" }
        return text(Double(count) / Double(total), "\(count) of \(total)")
    }

    static func text(_ share: Double, _ note: String) -> String {
        let share = min(1, max(0, share))
        let filled = Int(share * Double(width))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        return "\(bar) \(Int(share * 100)) %  \(note)"
    }
}
