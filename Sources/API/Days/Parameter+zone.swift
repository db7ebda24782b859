import Chat

extension Parameter where Value == Zone {
    static let timeZone = Parameter(
        name: "timeZone",
        place: .query,
        summary: "Where days begin, and what hour it is.",
        allowed: "an IANA name such as Europe/Oslo, or UTC",
        fallback: .utc,
        shownFallback: "UTC",
        read: Zone.init
    )
}
