import Synchronization

/// The counters, gauges and histograms of this process, rendered in Prometheus' text format.
///
/// Source: Prometheus text-based format 0.0.4.
package final class Metrics: Sendable {
    /// A number that only grows.
    package final class Counter: Sendable {
        private let storage = Atomic<Int64>(0)
        package init() {}
        package func add(_ amount: Int64 = 1) { storage.add(amount, ordering: .relaxed) }
        package var value: Int64 { storage.load(ordering: .relaxed) }
    }

    /// Durations in fixed buckets, from 0.25 ms to 10 s.
    package final class Histogram: Sendable {
        static let boundsMicroseconds: [Int64] = [
            250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
            6_000_000, 10_000_000,
        ]
        private struct State {
            var counts = [Int64](repeating: 0, count: Histogram.boundsMicroseconds.count + 1)
            var sumMicroseconds: Int64 = 0
        }
        private let state = Mutex(State())

        package init() {}

        package func observe(microseconds: Int64) {
            let bucket =
                Self.boundsMicroseconds.firstIndex { microseconds <= $0 } ?? Self.boundsMicroseconds.count
            state.withLock {
                $0.counts[bucket] += 1
                $0.sumMicroseconds += microseconds
            }
        }

        /// How many durations fell into each bucket, the last without an upper bound.
        package var counts: [Int64] { state.withLock { $0.counts } }

        /// The duration that a share of those counted did not exceed, in seconds: the bound of its bucket; `nil` without any,
        /// or where it lies beyond the last bound.
        package static func quantile(_ share: Double, of counts: [Int64]) -> Double? {
            let total = counts.reduce(0, +)
            guard total > 0 else { return nil }
            var seen: Int64 = 0
            for (bound, count) in zip(boundsMicroseconds, counts) {
                seen += count
                if Double(seen) >= share * Double(total) { return Double(bound) / 1_000_000 }
            }
            return nil
        }

        fileprivate func lines(_ name: String) -> String {
            let state = state.withLock { $0 }
            var result = ""
            var total: Int64 = 0
            for (bound, count) in zip(Self.boundsMicroseconds, state.counts) {
                total += count
                result += "\(name)_bucket{le=\"\(Double(bound) / 1_000_000)\"} \(total)\n"
            }
            total += state.counts.last ?? 0
            result += "\(name)_bucket{le=\"+Inf\"} \(total)\n"
            result += "\(name)_sum \(Double(state.sumMicroseconds) / 1_000_000)\n\(name)_count \(total)\n"
            return result
        }
    }

    private enum Series: Sendable {
        case counter(Counter)
        case histogram(Histogram)
        case gauge(@Sendable () -> Double?)
    }

    private struct Family: Sendable {
        let help: String
        let kind: String
        var series: [(labels: String, pairs: [String: String], series: Series)] = []
    }

    private let families = Mutex<[String: Family]>([:])

    package init() {}

    /// The counter of this name and labels, made at first use.
    ///
    /// Names end in `_total`.
    package func counter(_ name: String, help: String, labels: KeyValuePairs<String, String> = [:]) -> Counter {
        let text = Self.text(labels)
        return families.withLock { families in
            var family = families[name] ?? Family(help: help, kind: "counter")
            if case .counter(let known)? = family.series.first(where: { $0.labels == text })?.series { return known }
            let counter = Counter()
            family.series.append((text, Self.dictionary(labels), .counter(counter)))
            families[name] = family
            return counter
        }
    }

    /// The histogram of this name, made at first use.
    ///
    /// Names end in `_seconds`.
    package func histogram(_ name: String, help: String) -> Histogram {
        families.withLock { families in
            if case .histogram(let known)? = families[name]?.series.first?.series { return known }
            let histogram = Histogram()
            families[name] = Family(help: help, kind: "histogram", series: [("", [:], .histogram(histogram))])
            return histogram
        }
    }

    /// A value read at each scrape; `nil` leaves it out.
    package func gauge(
        _ name: String,
        help: String,
        labels: KeyValuePairs<String, String> = [:],
        read: @escaping @Sendable () -> Double?
    ) {
        let text = Self.text(labels)
        families.withLock {
            $0[name, default: Family(help: help, kind: "gauge")].series
                .append((text, Self.dictionary(labels), .gauge(read)))
        }
    }

    /// Every counter of this name as it stands, with its labels.
    package func counters(_ name: String) -> [(labels: [String: String], value: Int64)] {
        let family = families.withLock { $0[name] }
        return (family?.series ?? []).compactMap { series in
            if case .counter(let counter) = series.series { (series.pairs, counter.value) } else { nil }
        }
    }

    /// Everything, families sorted by name.
    package func rendered() -> String {
        let families = families.withLock { $0 }
        var result = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            result += "# HELP \(name) \(family.help)\n# TYPE \(name) \(family.kind)\n"
            for (labels, _, series) in family.series {
                switch series {
                case .counter(let counter): result += "\(name)\(labels) \(counter.value)\n"
                case .histogram(let histogram): result += histogram.lines(name)
                case .gauge(let read): if let value = read() { result += "\(name)\(labels) \(value)\n" }
                }
            }
        }
        return result
    }

    private static func dictionary(_ labels: KeyValuePairs<String, String>) -> [String: String] {
        Dictionary(labels.map { ($0.key, $0.value) }) { first, _ in first }
    }

    private static func text(_ labels: KeyValuePairs<String, String>) -> String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\($0.key)=\"\(escaped($0.value))\"" }.joined(separator: ",") + "}"
    }

    private static func escaped(_ value: String) -> String {
        value.reduce(into: "") { result, character in
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.append(character)
            }
        }
    }
}
