import Limits
import YAML

/// How a value is written: what is allowed, and what is made of it.
///
/// Reader, faults and schema all follow from it.
struct Form<Value: Sendable>: Sendable {
    /// For people: `a duration such as 30s`.
    let allowed: String
    let schema: Schema
    /// `nil` once a fault was noted.
    let read: @Sendable (YAMLNode, inout Reading) -> Value?

    init(
        allowed: String,
        schema: Schema,
        reading read: @escaping @Sendable (YAMLNode, inout Reading) -> Value?
    ) {
        (self.allowed, self.schema, self.read) = (allowed, schema, read)
    }

    /// - Parameter convert: `nil` is refused with what is allowed.
    init(allowed: String, schema: Schema, _ convert: @escaping @Sendable (YAMLNode) -> Value?) {
        self.init(allowed: allowed, schema: schema) { node, reading in
            if let value = convert(node) { return value }
            reading.refuse(node, allowed: allowed)
            return nil
        }
    }
}

/// A value and where it was written.
struct Located<Value: Sendable>: Sendable {
    let value: Value
    let position: YAMLPosition
}

// MARK: Forms of forms

extension Form {
    func map<Other: Sendable>(_ transform: @escaping @Sendable (Value) -> Other) -> Form<Other> {
        let read = read
        return Form<Other>(allowed: allowed, schema: schema, reading: { read($0, &$1).map(transform) })
    }

    /// Also notes something, or refuses what is well-formed and still wrong.
    func checked(_ check: @escaping @Sendable (Value, YAMLNode, inout Reading) -> Bool) -> Form {
        let read = read
        return Form(allowed: allowed, schema: schema) { node, reading in
            guard let value = read(node, &reading), check(value, node, &reading) else { return nil }
            return value
        }
    }

    var located: Form<Located<Value>> {
        let read = read
        return Form<Located<Value>>(allowed: allowed, schema: schema) { node, reading in
            read(node, &reading).map { Located(value: $0, position: node.position) }
        }
    }

    /// A list with at least one element.
    var list: Form<[Value]> {
        let allowed = "a list of \(allowed)"
        return Form<[Value]>(allowed: allowed, schema: .list(schema, least: 1)) { [read] node, reading in
            guard let elements = node.sequence else {
                reading.refuse(node, allowed: allowed)
                return nil
            }
            guard !elements.isEmpty else {
                reading.refuse(node.position, "\(reading.key): found an empty list; allowed: \(allowed)")
                return nil
            }
            guard elements.count <= reading.limits.elements else {
                let most = reading.limits.elements
                reading.refuse(
                    node.position,
                    "\(reading.key): found \(elements.count) elements; at most \(most) are allowed"
                )
                return nil
            }
            // No short cut: every fault of every element is told.
            let values = elements.map { reading.isFull ? nil : read($0, &reading) }
            let whole = values.compactMap { $0 }
            return whole.count == values.count ? whole : nil
        }
    }

    /// A list of which those elements are taken that are right.
    var lenientList: Form<[Value]> {
        let allowed = "a list of \(allowed)"
        return Form<[Value]>(allowed: allowed, schema: .list(schema, least: 1)) { [read] node, reading in
            guard let elements = node.sequence, !elements.isEmpty else {
                let found = node.sequence == nil ? node.inWords : "an empty list"
                reading.refuse(node.position, "\(reading.key): found \(found); allowed: \(allowed)")
                return nil
            }
            return elements.compactMap { reading.isFull ? nil : read($0, &reading) }
        }
    }

    /// One alone, or a list.
    var oneOrMany: Form<[Value]> {
        let many = list
        let allowed = "\(allowed), or a list of them"
        return Form<[Value]>(allowed: allowed, schema: .either([schema, many.schema])) { [read] node, reading in
            if node.sequence != nil { return many.read(node, &reading) }
            let parts = node.torn
            guard !parts.isEmpty, takes(parts, reading) else { return read(node, &reading).map { [$0] } }
            let list = "[\(Wording.unquoted(parts.compactMap(\.text).joined(separator: ", ")))]"
            guard takes([node], reading) else {
                reading.refuse(node, allowed: allowed, "did you mean \(list)?")
                return nil
            }
            let text = node.inWords
            reading.warn(
                node.position,
                "\(reading.key): found \(text), which is one text; did you mean \(list)? for the one text put it in quotes"
            )
            return read(node, &reading).map { [$0] }
        }
    }

    /// Whether each of these would be taken.
    private func takes(_ nodes: [YAMLNode], _ reading: Reading) -> Bool {
        var trial = reading
        return nodes.allSatisfy { read($0, &trial) != nil } && trial.faultCount == reading.faultCount
    }
}

extension YAMLNode {
    /// What a text without quotes would be as a list, if its commas were to separate; empty where it has none.
    var torn: [YAMLNode] {
        guard case .scalar(let scalar) = value, scalar.isPlain, scalar.text.contains(",") else { return [] }
        let parts = scalar.text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        guard !parts.contains("") else { return [] }
        return parts.map { YAMLNode(.scalar(Scalar($0, isPlain: true)), at: position) }
    }
}

extension Form where Value: Hashable {
    /// One alone, or a list without anything twice.
    var oneOrManyOnce: Form<Set<Value>> {
        let many = oneOrMany
        return Form<Set<Value>>(allowed: many.allowed, schema: many.schema) { node, reading in
            guard let values = many.read(node, &reading) else { return nil }
            if let elements = node.sequence {
                var seen: Set<Value> = []
                for (value, element) in zip(values, elements) where !seen.insert(value).inserted {
                    reading.refuse(element.position, "\(reading.key): found \(element.inWords) again; keep one")
                }
            }
            return Set(values)
        }
    }
}
