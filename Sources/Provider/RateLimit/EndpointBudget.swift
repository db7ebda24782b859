import Chat
import Limits

/// One endpoint's part of ``RateBudget``.
struct EndpointBudget: Sendable {
    private static let window = Duration.seconds(60)
    /// The provider names whole seconds: ends that differ by less are one.
    private static let tolerance = Duration.milliseconds(1_500)
    /// Calls a second are the limit a minute divided by this.
    private static let secondsShare = 30.0
    /// Of the calls a second, so many at once and so many as a steady flow: together, never more in any one second.
    private static let burstShare = 0.3
    private static let flowShare = 0.6
    /// The least part of the calls a second that is ours.
    private static let leastShare = 0.05
    /// Calls that the share is an average of, at most.
    private static let observedMost = 100.0
    /// The same, of the calls a minute: what was refused at the start is to be made up for within minutes.
    private static let observedShare = 0.5
    /// What is left of the share after a call too many in a second.
    private static let shareAfterRefusal = 0.7
    private static let refusalPause = Duration.milliseconds(250)
    /// Calls that got no answer for this long will not get one.
    private static let underWayMost = Duration.seconds(60)

    private let limits: Limits.Provider
    private var limit: Int
    /// Some answer named no limit: nothing is held back until one does.
    private var isUnlimited = false
    /// Some answer named the limit.
    private var isConfirmed = false

    private var windowEnd: Timestamp
    /// That end is our own assumption: no answer has named one.
    private var isGuess = true
    /// The least that an answer of this window said is left; all of it before the first.
    private var remaining: Int
    /// Admitted and not yet answered: the answers so far may not count them.
    private var underWay = 0
    private var lastAdmission: Timestamp
    private var pausedUntil: Timestamp

    /// Calls that may go out at this moment.
    private var tokens: Double
    private var tokensAt: Timestamp
    /// Calls used of late, and ours among them; to begin with half, since others may be there.
    private var used = Self.observedMost
    private var ours = Self.observedMost / 2

    init(limit: Int, _ limits: Limits.Provider, at now: Timestamp) {
        self.limits = limits
        self.limit = limit
        remaining = limit
        windowEnd = now.advanced(by: Self.window)
        (lastAdmission, pausedUntil, tokensAt) = (now, .distantPast, now)
        tokens = 1
        tokens = burst
    }

    mutating func admit(at now: Timestamp) -> RateAdmission {
        guard pausedUntil <= now else { return .wait(now.duration(to: pausedUntil)) }
        if !isUnlimited {
            beginWindow(at: now)
            guard remaining - underWay > reserve else { return .wait(max(.milliseconds(1), untilReset(now))) }
            refill(at: now)
            guard tokens >= 1 else { return .wait(.seconds((1 - tokens) / flow) + .milliseconds(1)) }
            tokens -= 1
        }
        underWay += 1
        lastAdmission = now
        return .admitted
    }

    mutating func withdraw() { underWay = max(0, underWay - 1) }

    mutating func learn(_ reading: RateLimitReading, at now: Timestamp) {
        withdraw()
        if reading.isRefusal { pause(reading, at: now) }
        guard let limit = reading.limit, limit > 0, let left = reading.remaining, left >= 0 else {
            isUnlimited = isUnlimited || !reading.isRefusal
            return
        }
        (isUnlimited, isConfirmed) = (false, true)
        self.limit = limit
        beginWindow(at: now)
        let end = reading.resetsIn.map { now.advanced(by: min($0, Self.window)) }
        guard !isOver(end, at: now) else { return }
        if !reading.isRefusal { ours += 1 }
        note(left, until: end)
    }

    /// What is known at this moment.
    func standing(of endpoint: ProviderEndpoint, at now: Timestamp) -> EndpointLimit {
        let isOver = windowEnd <= now
        return EndpointLimit(
            endpoint: endpoint,
            limit: isUnlimited ? nil : limit,
            remaining: isUnlimited ? nil : isOver ? limit : remaining,
            resetsAt: isUnlimited || isGuess || isOver ? nil : windowEnd,
            isConfirmed: isConfirmed,
            underWay: underWay,
            pausedUntil: pausedUntil > now ? pausedUntil : nil
        )
    }

    /// Whether an answer's window has ended, and one of the next has been answered already.
    private func isOver(_ end: Timestamp?, at now: Timestamp) -> Bool {
        guard let end, !isGuess else { return false }
        return end <= now.advanced(by: Self.tolerance) && windowEnd > end.advanced(by: Self.tolerance)
    }

    private mutating func pause(_ reading: RateLimitReading, at now: Timestamp) {
        isUnlimited = false
        let wasPaused = pausedUntil > now
        if let wanted = reading.retryAfter {
            let pause = min(wanted, .seconds(limits.retryAfterMostSeconds))
            pausedUntil = max(pausedUntil, now.advanced(by: pause))
        }
        guard reading.remaining != 0, !wasPaused else { return }
        // There was something left, so it was too much for one second; of several such answers the first counts.
        ours *= Self.shareAfterRefusal
        tokens = min(tokens, 0)
        pausedUntil = max(pausedUntil, now.advanced(by: Self.refusalPause))
    }

    /// Takes over what is left, unless the answer is older than what is known.
    private mutating func note(_ left: Int, until end: Timestamp?) {
        if let end, end > windowEnd.advanced(by: Self.tolerance) {
            (windowEnd, remaining) = (end, left)
        } else if let end, windowEnd > end.advanced(by: Self.tolerance), isGuess {
            (windowEnd, remaining) = (end, left)
        } else if left < remaining {
            observe(remaining - left)
            remaining = left
        }
        isGuess = isGuess && end == nil
    }

    /// So many more calls are gone, whosever they were.
    private mutating func observe(_ gone: Int) {
        used += Double(gone)
        let observed = min(Self.observedMost, Double(limit) * Self.observedShare)
        let forgotten = min(1, observed / used)
        used *= forgotten
        ours *= forgotten
    }

    /// The part of the calls a second that is ours: what it was of late, so that nodes share them as they share the rest.
    private var share: Double { min(1, max(Self.leastShare, ours / used)) }

    private mutating func beginWindow(at now: Timestamp) {
        // A clock set back would make the window long.
        guard windowEnd <= now || now.duration(to: windowEnd) > Self.window * 2 else { return }
        windowEnd = now.advanced(by: Self.window)
        (remaining, isGuess) = (limit, true)
        if lastAdmission.duration(to: now) > Self.underWayMost { underWay = 0 }
    }

    private mutating func refill(at now: Timestamp) {
        let passed = max(.zero, tokensAt.duration(to: now))
        tokens = min(burst, tokens + flow * (passed / .seconds(1)))
        tokensAt = now
    }

    private var perSecond: Double { Double(limit) / Self.secondsShare * share }
    private var burst: Double { max(1, perSecond * Self.burstShare) }
    private var flow: Double { max(perSecond * Self.flowShare, 0.01) }
    /// Left to what other nodes may have used since the last answer.
    private var reserve: Int { limit * limits.reservePercent / 100 }

    private func untilReset(_ now: Timestamp) -> Duration { now.duration(to: windowEnd) }
}

extension Timestamp {
    func advanced(by duration: Duration) -> Timestamp {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(duration.nanoseconds)
        return overflow ? (duration < .zero ? .distantPast : .distantFuture) : Timestamp(nanoseconds: sum)
    }

    func duration(to later: Timestamp) -> Duration {
        let (difference, overflow) = later.nanoseconds.subtractingReportingOverflow(nanoseconds)
        return .nanoseconds(overflow ? (later > self ? .max : .min) : difference)
    }
}
