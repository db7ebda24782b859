/// When something was said: the provider's time, then an order among equals that every node computes alike.
package struct Stamp: Sendable, Hashable, Comparable {
    package var time: Timestamp
    /// Separates versions of one instant by their content; 0 where an instant has one version.
    package var version: Int64
    /// ``EventID/tieBreak`` of the event that said it.
    package var tieBreak: Int64

    package init(time: Timestamp, version: Int64 = 0, tieBreak: Int64) {
        (self.time, self.version, self.tieBreak) = (time, version, tieBreak)
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.time, left.version, left.tieBreak) < (right.time, right.version, right.tieBreak)
    }
}

/// A last-writer-wins register: a group of fields that change together, and when they were said.
///
/// Merging is commutative, associative and idempotent as long as one stamp stands for one value, so the order in which
/// events arrive, and how often, does not show in the result (M. Shapiro et al., "A comprehensive study of CRDTs", 2011).
@usableFromInline package struct Register<Value: Sendable & Equatable>: Sendable, Equatable {
    package var stamp: Stamp
    @usableFromInline var box: Box<Value>

    package var value: Value {
        @inlinable get { box.value }
        set { box = Box(newValue) }
    }

    package init(_ value: Value, at stamp: Stamp) {
        self.stamp = stamp
        box = Box(value)
    }

    @usableFromInline package static func == (left: Self, right: Self) -> Bool {
        left.stamp == right.stamp && (left.box === right.box || left.value == right.value)
    }
}

/// A value that is shared, not copied, between an event's claims and the records that they end up in: records are passed
/// on many times, and a dozen strings each time would be.
@usableFromInline final class Box<Value: Sendable>: Sendable {
    @usableFromInline let value: Value

    init(_ value: Value) { self.value = value }
}

extension Optional {
    /// Keeps the register with the later stamp.
    package mutating func merge<Value>(_ other: Self) where Wrapped == Register<Value> {
        guard let other else { return }
        guard let current = self, current.stamp >= other.stamp else {
            self = other
            return
        }
    }

    /// Keeps the larger of two values: watermarks and latest times only rise.
    package mutating func raise(to other: Self) where Wrapped: Comparable {
        guard let other else { return }
        self = self.map { Swift.max($0, other) } ?? other
    }

    /// Keeps the smaller of two values: a deterministic choice where only one value should ever occur.
    package mutating func lower(to other: Self) where Wrapped: Comparable {
        guard let other else { return }
        self = self.map { Swift.min($0, other) } ?? other
    }
}
