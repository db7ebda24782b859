import Foundation
import JSON

/// What a check of `doctor` found.
struct Finding: Sendable, Equatable {
    enum Level: String, Sendable, CaseIterable { case ok, warn, fail }

    let level: Level
    /// What was looked at.
    let subject: String
    /// What was found, and what to do unless all is well.
    let sentence: String

    static func ok(_ subject: String, _ sentence: String) -> Finding { .init(level: .ok, subject, sentence) }
    static func warn(_ subject: String, _ sentence: String) -> Finding { .init(level: .warn, subject, sentence) }
    static func fail(_ subject: String, _ sentence: String) -> Finding { .init(level: .fail, subject, sentence) }

    private init(level: Level, _ subject: String, _ sentence: String) {
        (self.level, self.subject, self.sentence) = (level, subject, sentence)
    }

    var line: String {
        let level = level.rawValue.padding(toLength: 4, withPad: " ", startingAt: 0)
        return "\(level)  \(subject): \(sentence)"
    }

    var json: String {
        var writer = JSONWriter()
        writer.object {
            $0.field("level", level.rawValue)
            $0.field("subject", subject)
            $0.field("sentence", sentence)
        }
        return writer.text
    }
}
