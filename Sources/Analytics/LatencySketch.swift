import Foundation

/// Latencies in buckets of a fixed ratio, with integer counts: what is added can be taken back, and sketches of parts
/// add up to that of the whole.
///
/// A bucket's middle is within 1 % of every latency in it. Source: C. Masson, J. E. Rim and H. K. Lee, "DDSketch", VLDB 2019.
package struct LatencySketch: Sendable, Equatable {
    /// (1 + 1 %) / (1 − 1 %).
    private static let ratio = 1.01 / 0.99
    private static let logarithm = log(ratio)

    private var buckets: [Int32: Int64] = [:]
    package private(set) var count: Int64 = 0
    private var sum: Int64 = 0

    package init() {}

    package mutating func add(_ milliseconds: Int64) {
        buckets[Self.bucket(milliseconds), default: 0] += 1
        count += 1
        sum += milliseconds
    }

    package mutating func add(_ other: LatencySketch) {
        buckets.merge(other.buckets) { $0 + $1 }
        count += other.count
        sum += other.sum
    }

    /// In seconds.
    package var mean: Double? { count == 0 ? nil : Double(sum) / Double(count) / 1_000 }

    /// Latencies in seconds that these shares of all are not above, by nearest rank.
    package func quantiles(_ shares: [Double]) -> [Double?] {
        guard count > 0 else { return shares.map { _ in nil } }
        let sorted = buckets.sorted { $0.key < $1.key }
        return shares.map { share in
            let rank = max(1, Int64((share * Double(count)).rounded(.up)))
            var seen: Int64 = 0
            for (bucket, count) in sorted {
                seen += count
                if seen >= rank { return Self.middle(bucket) / 1_000 }
            }
            return nil
        }
    }

    /// What is told of a latency in milliseconds that a quantile falls on, in seconds.
    fileprivate static func told(_ milliseconds: Int64) -> Double { middle(bucket(milliseconds)) / 1_000 }

    /// Bucket 0 holds what is less than a millisecond; bucket `i` what is up to `ratio` to the power of `i - 1`.
    private static func bucket(_ milliseconds: Int64) -> Int32 {
        guard milliseconds > 0 else { return 0 }
        return Int32((log(Double(milliseconds)) / logarithm).rounded(.up)) + 1
    }

    /// The number that is as far from both ends of a bucket, relatively.
    private static func middle(_ bucket: Int32) -> Double {
        guard bucket > 0 else { return 0 }
        return 2 * pow(ratio, Double(bucket - 1)) / (ratio + 1)
    }
}

/// What is told of many latencies.
package struct LatencySummary: Sendable, Equatable {
    package var count: Int64
    /// In seconds; `nil` where there are none.
    package var mean: Double?
    package var p50: Double?
    package var p90: Double?
    package var p99: Double?
    /// The share that was within the target, counted exactly.
    package var within: Double?

    package init(_ sketch: LatencySketch, within: Int64) {
        count = sketch.count
        mean = sketch.mean
        let quantiles = sketch.quantiles([0.5, 0.9, 0.99])
        (p50, p90, p99) = (quantiles[0], quantiles[1], quantiles[2])
        self.within = count == 0 ? nil : Double(within) / Double(count)
    }

    /// The same as from a sketch of them.
    ///
    /// - Parameters:
    ///   - sorted: in milliseconds, ascending.
    ///   - target: latencies up to this count as within.
    package init(sorted: ArraySlice<Int64>, target: Int64) {
        count = Int64(sorted.count)
        guard !sorted.isEmpty else { return }
        mean = Double(sorted.reduce(0, +)) / Double(count) / 1_000
        func quantile(_ share: Double) -> Double {
            let rank = max(1, Int((share * Double(count)).rounded(.up)))
            return LatencySketch.told(sorted[sorted.startIndex + rank - 1])
        }
        (p50, p90, p99) = (quantile(0.5), quantile(0.9), quantile(0.99))
        within = Double(sorted.count { $0 <= target }) / Double(count)
    }
}
