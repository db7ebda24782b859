import History
import Limits

/// One who reads the feed: what waits for it, until its stream takes it.
///
/// Touched with the feed's lock held.
final class LiveReader {
    enum Place {
        /// Reads the log by itself until it has come to what the feed remembers.
        case catchingUp
        /// Is told what is stored, after this.
        case attached(LogMoment)
    }

    let filter: LiveFilter
    let wantsFigures: Bool
    let bell: AsyncStream<Void>.Continuation
    var place = Place.catchingUp
    var events: [LiveEvent] = []
    var figures: [UInt8]?
    /// The log does not reach back to where it wanted to go on, or was lost meanwhile.
    var hasLost = false
    var isTooSlow = false
    /// Ticks of the feed since it was last told something.
    var silentTicks = 0
    var isSilent = false

    init(filter: LiveFilter, wantsFigures: Bool, bell: AsyncStream<Void>.Continuation) {
        (self.filter, self.wantsFigures, self.bell) = (filter, wantsFigures, bell)
    }

    /// What it has not been told yet.
    func takeNews() -> LiveNews {
        var news = LiveNews()
        swap(&news.events, &events)
        (news.figures, news.isTooSlow, news.hasLost, news.isSilent) = (figures, isTooSlow, hasLost, isSilent)
        (figures, hasLost, isSilent) = (nil, false, false)
        return news
    }

    /// - Parameter beat: so many ticks without a word are silence.
    func tick(_ figures: [UInt8], beat: Int) {
        silentTicks += 1
        if wantsFigures { self.figures = figures }
        if silentTicks >= beat { isSilent = true }
        guard isSilent || wantsFigures else { return }
        silentTicks = 0
        bell.yield()
    }

    func note(_ events: [LiveEvent], _ limits: Limits.Live) {
        var mustLook = false
        for event in events where note(event, limits) { mustLook = true }
        guard mustLook else { return }
        silentTicks = 0
        bell.yield()
    }

    /// - Returns: whether it is to look.
    private func note(_ event: LiveEvent, _ limits: Limits.Live) -> Bool {
        guard case .attached(let last) = place, event.moment > last, !isTooSlow else { return false }
        place = .attached(event.moment)
        guard filter.admits(event) else { return false }
        guard events.count < limits.eventsPerReader else {
            (events, isTooSlow) = ([], true)
            return true
        }
        events.append(event)
        return true
    }
}

/// What a reader is to be told next.
struct LiveNews: Sendable {
    var events: [LiveEvent] = []
    var figures: [UInt8]?
    var isTooSlow = false
    var hasLost = false
    var isSilent = false
}
