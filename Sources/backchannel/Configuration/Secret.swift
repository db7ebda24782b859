/// Text that must not reach a log, an error or a terminal: every way of printing it gives `•••`.
struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    init(_ text: String) { self.text = text }

    /// The text itself, for the one place that needs it.
    func revealed() -> String { text }

    var description: String { "•••" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(reflecting: description) }
}
