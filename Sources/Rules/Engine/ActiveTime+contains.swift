import Chat

extension ActiveTime {
    func contains(_ time: Timestamp) -> Bool {
        if let from, time < from { return false }
        if let until, time >= until { return false }
        return hours?.contains(time) ?? true
    }
}

extension WeeklyHours {
    func contains(_ time: Timestamp) -> Bool {
        let (day, minute) = zone.dayAndMinute(of: time)
        func isOn(_ day: Int64) -> Bool { days.contains(Int((day % 7 + 10) % 7) + 1) }  // 1970-01-01 was a Thursday
        if from < to { return (from..<to).contains(minute) && isOn(day) }
        // Past midnight the hours are those of the day before.
        return minute >= from ? isOn(day) : minute < to && isOn(day - 1)
    }
}
