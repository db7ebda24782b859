package import HTTPServer
package import History
import Limits

/// A reader's place in the feed, given up when this is released.
package final class LiveMembership: Sendable {
    private let feed: LiveFeed
    private let id: Int
    private let bells: AsyncStream<Void>

    init(_ feed: LiveFeed, id: Int, bells: AsyncStream<Void>) { (self.feed, self.id, self.bells) = (feed, id, bells) }

    deinit { feed.leave(id) }

    /// The feed as Server-Sent Events, until the client has gone or the server stops.
    ///
    /// - Parameter moment: after which it begins; `nil` is now.
    /// - Throws: when the client reads too slowly, so that its connection is broken off.
    package func send(
        after moment: LogMoment?,
        filter: LiveFilter,
        withText: Bool,
        to writer: HTTPBodyWriter
    ) async throws {
        await feed.untilFollowing()
        // Where it begins is settled before it hears that it does.
        if moment == nil { _ = feed.attach(id, after: nil) }
        try await writer.write(Array("retry: \(feed.limits.reconnectMilliseconds)\n: following\n\n".utf8))
        if let moment { try await catchUp(after: moment, filter, withText, writer) }
        for await _ in bells {
            let news = feed.news(for: id)
            if news.isTooSlow { throw LiveReaderTooSlow() }
            let bytes = Self.bytes(of: news, withText)
            if !bytes.isEmpty { try await writer.write(bytes) }
        }
    }

    /// Reads the log until it has come to what the feed remembers.
    private func catchUp(
        after moment: LogMoment,
        _ filter: LiveFilter,
        _ withText: Bool,
        _ writer: HTTPBodyWriter
    ) async throws {
        var place = moment
        while !Task.isCancelled, !feed.attach(id, after: place) {
            guard !feed.isOutOfReach(place), let page = try await feed.page(after: place) else {
                try await writer.write(Self.lost)
                _ = feed.attach(id, after: nil)
                return
            }
            place = page.reached
            var bytes: [UInt8] = []
            for event in page.events where filter.admits(event) { event.write(withText: withText, to: &bytes) }
            if !bytes.isEmpty { try await writer.write(bytes) }
        }
    }

    private static func bytes(of news: LiveNews, _ withText: Bool) -> [UInt8] {
        var bytes: [UInt8] = news.hasLost ? lost : []
        bytes.reserveCapacity(news.events.count * 512 + 512)
        for event in news.events { event.write(withText: withText, to: &bytes) }
        if let figures = news.figures { bytes += figures }
        if bytes.isEmpty, news.isSilent { bytes = Array(": nothing new\n\n".utf8) }
        return bytes
    }

    /// What came before is to be asked for otherwise.
    private static let lost = Array("event: lost\ndata: {}\n\n".utf8)
}

/// More waited for a reader than may.
struct LiveReaderTooSlow: Error {}
