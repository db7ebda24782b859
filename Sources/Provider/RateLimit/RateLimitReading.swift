package import Chat
package import HTTPClient

/// What one answer says about its endpoint's limit.
package struct RateLimitReading: Sendable, Equatable {
    /// Calls a window; `nil` where the answer names no limit.
    package var limit: Int?
    package var remaining: Int?
    /// Until the next window begins.
    package var resetsIn: Duration?
    /// The answer asked for a pause, or was 429.
    package var retryAfter: Duration?
    /// The call was not accepted for having been one too many.
    package var isRefusal: Bool

    package init(
        limit: Int? = nil,
        remaining: Int? = nil,
        resetsIn: Duration? = nil,
        retryAfter: Duration? = nil,
        isRefusal: Bool = false
    ) {
        (self.limit, self.remaining, self.resetsIn) = (limit, remaining, resetsIn)
        (self.retryAfter, self.isRefusal) = (retryAfter, isRefusal)
    }

    /// Reads `X-RateLimit-*` and `Retry-After`; of a header that is a list, the first item that is not empty.
    ///
    /// The window's end is a time of the provider's clock and so compared with its `Date` where there is one.
    package init(_ response: HTTPClientResponse, at now: Timestamp) {
        let date = response.header("Date").flatMap(HTTPDate.time) ?? now
        let reset = Self.first("X-RateLimit-Reset", of: response).flatMap { Int64($0) }
        self.init(
            limit: Self.first("X-RateLimit-Limit", of: response).flatMap { Int($0) },
            remaining: Self.first("X-RateLimit-Remaining", of: response).flatMap { Int($0) },
            resetsIn: reset.map { max(.zero, .seconds($0 - date.nanoseconds / 1_000_000_000)) },
            retryAfter: Self.first("Retry-After", of: response, separator: nil).flatMap { Self.pause($0, from: date) },
            isRefusal: response.status == 429
        )
    }

    private static func pause(_ text: String, from date: Timestamp) -> Duration? {
        if let seconds = Int64(text) { return seconds >= 0 ? .seconds(seconds) : nil }
        guard let until = HTTPDate.time(text) else { return nil }
        return max(.zero, .nanoseconds(until.nanoseconds - date.nanoseconds))
    }

    private static func first(
        _ name: String,
        of response: HTTPClientResponse,
        separator: Character? = ","
    ) -> String? {
        guard let value = response.header(name) else { return nil }
        let items = separator.map { value.split(separator: $0) } ?? [value[...]]
        return items.lazy.map { $0.filter { $0 != " " || separator == nil } }.first { !$0.isEmpty }
    }
}
