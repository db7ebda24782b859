import Chat
import History
import Limits

/// The latest events, for readers that come back.
struct LiveRing {
    /// Everything stored after this is here, or was forgotten; `nil` while the log is not followed.
    private(set) var floor: LogMoment?
    private(set) var last = LogMoment(time: 0)
    private var events: [LiveEvent] = []

    /// - Parameter now: the log is followed from the beginning of its time.
    mutating func begin(at now: LogMoment) { (floor, last, events) = (LogMoment(time: now.time), now, []) }

    mutating func end() { (floor, events) = (nil, []) }

    mutating func add(_ event: LiveEvent, _ limits: Limits.Live) {
        // What was followed before it began anew may still come.
        guard let floor, event.moment > floor else { return }
        events.append(event)
        last = max(last, event.moment)
        // By a quarter more, so that removing at the front is rare.
        if events.count > limits.eventsKept + limits.eventsKept / 4 { forget(events.count - limits.eventsKept) }
    }

    mutating func forget(before time: Timestamp) { forget(events.prefix { $0.received < time }.count) }

    private mutating func forget(_ count: Int) {
        guard count > 0 else { return }
        floor = events[count - 1].moment
        events.removeFirst(count)
    }

    /// What was stored after a moment; `nil` if not all of it is known.
    func events(after moment: LogMoment) -> ArraySlice<LiveEvent>? {
        guard let floor, floor <= moment else { return nil }
        return events[(events.lastIndex { $0.moment <= moment }.map { $0 + 1 } ?? 0)...]
    }
}
