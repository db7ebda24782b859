package import Chat

extension Timestamp {
    /// `Sat, 21 Nov 2026 09:21:36 +0000`.
    ///
    /// Source: RFC 5322, section 3.3.
    package var mailDate: String {
        let text = rfc3339  // always in UTC, with four digits of the year
        let field = { (start: Int, count: Int) in text.dropFirst(start).prefix(count) }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]  // from 1 January 1970
        let days = (milliseconds - (milliseconds % 86_400_000 + 86_400_000) % 86_400_000) / 86_400_000
        let weekday = weekdays[Int((days % 7 + 7) % 7)]
        let month = months[(Int(field(5, 2)) ?? 1) - 1]
        return "\(weekday), \(field(8, 2)) \(month) \(field(0, 4)) \(field(11, 8)) +0000"
    }
}
