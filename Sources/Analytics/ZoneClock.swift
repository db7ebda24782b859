package import Chat

/// What a zone's clocks show, for many quarter-hours one after the other.
///
/// Offsets are looked up once a day of UTC, but for days in which they change. For one thread.
package struct ZoneClock {
    package let zone: Zone
    private var day = Int64.min
    /// Of `day`, in minutes; `nil` where clocks change within it.
    private var offset: Int64?

    package init(_ zone: Zone) { self.zone = zone }

    /// Days since 1970-01-01, and the minute of the day.
    package mutating func read(_ quarter: Quarter) -> (day: Int64, minute: Int64) {
        let minutes = quarter.number * 15 + offset(at: quarter)
        let day = Quarter.floorDivide(minutes, by: 1_440)
        return (day, minutes - day * 1_440)
    }

    package mutating func offset(at quarter: Quarter) -> Int64 {
        let day = quarter.day
        if day != self.day {
            self.day = day
            let (first, last) = (minutes(Quarter(day: day)), minutes(Quarter(Quarter(day: day + 1).number - 1)))
            offset = first == last ? first : nil
        }
        return offset ?? minutes(quarter)
    }

    private func minutes(_ quarter: Quarter) -> Int64 {
        Quarter.floorDivide(zone.offsetSeconds(at: quarter.start), by: 60)
    }
}
