import JSON

/// How long the same work took, many times over.
struct Timings {
    var mean = Duration.zero
    var p50 = Duration.zero
    var p99 = Duration.zero
    var most = Duration.zero

    /// - Parameter times: in nanoseconds, in any order; without any, all is zero.
    init(_ times: [Int64] = []) {
        guard !times.isEmpty else { return }
        let times = times.sorted()
        mean = .nanoseconds(times.reduce(0, +) / Int64(times.count))
        p50 = .nanoseconds(times[times.count / 2])
        p99 = .nanoseconds(times[times.count * 99 / 100])
        most = .nanoseconds(times[times.count - 1])
    }

    var text: String {
        "mean \(mean.shownMicroseconds) µs, p50 \(p50.shownMicroseconds) µs, p99 \(p99.shownMicroseconds) µs, "
            + "most \(most.shownMicroseconds) µs"
    }

    func write(to writer: inout JSONWriter) {
        writer.field("mean_us", mean.shownMicroseconds)
        writer.field("p50_us", p50.shownMicroseconds)
        writer.field("p99_us", p99.shownMicroseconds)
        writer.field("max_us", most.shownMicroseconds)
    }
}

extension Duration {
    /// In microseconds, with two digits behind the point.
    var shownMicroseconds: Double {
        let microseconds = Double(components.seconds) * 1e6 + Double(components.attoseconds) / 1e12
        return (microseconds * 100).rounded() / 100
    }

    /// In milliseconds, with two digits behind the point.
    var shownMilliseconds: Double { (shownMicroseconds / 10).rounded() / 100 }

    var nanoseconds: Int64 { components.attoseconds / 1_000_000_000 + components.seconds * 1_000_000_000 }
}
