package import Chat

/// Hours of some days of the week, by the clocks of a zone.
package struct BusinessHours: Sendable, Equatable {
    /// Monday is 0.
    package let weekdays: ClosedRange<Int64>
    /// Minutes of the day.
    package let minutes: Range<Int64>
    package let zone: Zone

    package init(weekdays: ClosedRange<Int64>, minutes: Range<Int64>, zone: Zone) {
        (self.weekdays, self.minutes, self.zone) = (weekdays, minutes, zone)
    }

    /// How much of the time between two instants lies in these hours, in milliseconds.
    ///
    /// On a day on which clocks change, hours are those that passed since its beginning.
    package func milliseconds(from: Int64, to: Int64) -> Int64 {
        guard from < to else { return 0 }
        let first = zone.day(of: Timestamp(milliseconds: from))
        let last = zone.day(of: Timestamp(milliseconds: to))
        var sum: Int64 = 0
        var day = first
        while day <= last {
            if day - first > 14, last - day > 14 {
                // Whole weeks in between are alike: offsets do not change how long their hours are.
                let weeks = (last - day - 7) / 7
                sum += weeks * Int64(weekdays.count) * (minutes.upperBound - minutes.lowerBound) * 60_000
                day += weeks * 7
                continue
            }
            sum += within(day, from, to)
            day += 1
        }
        return sum
    }

    private func within(_ day: Int64, _ from: Int64, _ to: Int64) -> Int64 {
        guard weekdays.contains(((day + 3) % 7 + 7) % 7) else { return 0 }
        let midnight = zone.start(ofDay: day).milliseconds
        let opens = max(from, midnight + minutes.lowerBound * 60_000)
        let closes = min(to, midnight + minutes.upperBound * 60_000)
        return max(0, closes - opens)
    }
}
