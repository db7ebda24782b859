package import Chat
import Limits

/// What somebody says of a message or a user through the app.
package struct Report: Sendable, Equatable {
    package var subject: ReviewCaseRecord.Subject
    package var reporter: String
    package var reason: String?
    package var labels: [String]
    package var severity: Severity?

    package init(
        of subject: ReviewCaseRecord.Subject,
        by reporter: String,
        reason: String? = nil,
        labels: [String] = [],
        severity: Severity? = nil
    ) {
        (self.subject, self.reporter, self.reason) = (subject, reporter, reason)
        (self.labels, self.severity) = (labels, severity)
    }

    func source(at time: Timestamp) -> ReviewSource {
        ReviewSource(
            .report,
            by: reporter,
            at: Stamp(time: time, tieBreak: .max),
            reason: reason,
            labels: labels,
            severity: severity
        )
    }
}

extension ReviewCaseRecord {
    /// Whether the same user said something of it shortly before: it neither counts again nor has it looked at again.
    func holds(_ report: Report, at now: Timestamp, _ limits: Limits.Review) -> Bool {
        sources.contains { source in
            source.kind == .report && source.by == report.reporter
                && source.time.nanoseconds > now.nanoseconds - limits.reportRepeatSeconds * 1_000_000_000
        }
    }
}
