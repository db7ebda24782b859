import Limits

/// Everything that decides a replay.
struct ReplayJob: Sendable {
    var input: EventInput
    var endpoint: Endpoint
    /// The key that `X-Api-Key` names; `nil` leaves the header out.
    var apiKey: String?
    var secret: Secret
    var connections = 8
    /// Events a second; `nil` is as fast as answers come.
    var rate: Double?
    /// How often an event is sent again after 408, 429, 5xx, a time-out or a lost connection.
    var retries = 3
    /// An answer that takes longer counts as lost, in seconds.
    var timeoutSeconds = 10
    /// Percent of the events that are sent a second time, later.
    var duplicatePercent = 0.0
    /// Percent of the events of which a copy with a forged signature is sent as well.
    var forgedPercent = 0.0
    /// Puts the events into an order of its own.
    var shuffleSeed: UInt64?
    /// Decides which events are doubled and forged.
    var seed: UInt64 = 1
    var compresses = false
    /// Gets the id of each acknowledged body, a line each.
    var acknowledgedPath: String?
    var limits = Limits.Replay()
}

/// How a replay is seen and ended from outside.
struct ReplayWatch: Sendable {
    /// Told how many deliveries are answered, of how many if that is known; some fifty times a second.
    var progress: @Sendable (Int, Int?) -> Void = { _, _ in }
    /// True asks the replay to end.
    var isInterrupted: @Sendable () -> Bool = { false }
}
