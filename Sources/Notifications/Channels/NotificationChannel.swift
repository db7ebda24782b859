/// A way to reach somebody: e-mail, a webhook of the team's own, Slack.
package protocol NotificationChannel: Sendable {
    /// Tries once, and says what came of it; whether and when to try again is the caller's decision.
    ///
    /// Each attempt of one notification carries the same id, by which the receiver can know a second one. Never blocks the
    /// calling thread; cancelling the task ends the attempt within about a second, as one to be retried.
    func deliver(_ notification: OutgoingNotification) async -> DeliveryOutcome
}
