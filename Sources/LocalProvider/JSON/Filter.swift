import Chat

/// The provider's filter language over one object: `{"field": value}`, `{"field": {"$gt": value}}`, `$and`, `$or`, `$nor`.
///
/// Source: contract, "Endpoints"; the provider's page on query filters.
enum Filter {
    /// - Throws: ``Refusal`` for an operator that does not exist.
    static func matches(_ object: Fields, _ conditions: Fields) throws(Refusal) -> Bool {
        for (name, condition) in conditions.pairs {
            guard try matches(object, name, condition) else { return false }
        }
        return true
    }

    private static func matches(_ object: Fields, _ name: String, _ condition: Value) throws(Refusal) -> Bool {
        switch name {
        case "$and": return try count(of: condition, matching: object) == condition.array?.count
        case "$or": return try count(of: condition, matching: object) > 0
        case "$nor": return try count(of: condition, matching: object) == 0
        default: break
        }
        let value = object.value(at: name) ?? .null
        guard let operators = condition.object else { return equals(value, condition) }
        for (symbol, operand) in operators.pairs {
            guard try holds(value, symbol, operand) else { return false }
        }
        return true
    }

    private static func count(of conditions: Value, matching object: Fields) throws(Refusal) -> Int {
        var count = 0
        for condition in conditions.array ?? [] where try matches(object, condition.object ?? [:]) { count += 1 }
        return count
    }

    private static func holds(_ value: Value, _ symbol: String, _ operand: Value) throws(Refusal) -> Bool {
        switch symbol {
        case "$eq": equals(value, operand)
        case "$ne": !equals(value, operand)
        case "$in": (operand.array ?? []).contains { equals(value, $0) }
        case "$nin": !(operand.array ?? []).contains { equals(value, $0) }
        case "$gt": Order.compare(value, operand) == .greater
        case "$gte": [.greater, .equal].contains(Order.compare(value, operand))
        case "$lt": Order.compare(value, operand) == .less
        case "$lte": [.less, .equal].contains(Order.compare(value, operand))
        case "$exists": operand.bool == !value.isNull
        case "$contains": value.array?.contains(operand) == true
        case "$autocomplete": startsWord(value, with: operand)
        default: throw Refusal.input("\(symbol) is not an operator of filters")
        }
    }

    /// A list holds what it is compared with, as `members` does.
    private static func equals(_ value: Value, _ operand: Value) -> Bool {
        if let elements = value.array, operand.array == nil { return elements.contains(operand) }
        return value == operand || Order.compare(value, operand) == .equal
    }

    private static func startsWord(_ value: Value, with operand: Value) -> Bool {
        guard let text = value.string?.lowercased(), let start = operand.string?.lowercased() else { return false }
        return text.split(separator: " ").contains { $0.hasPrefix(start) }
    }
}

/// How two values compare: numbers by size, times by instant, other text by its characters.
enum Order {
    case less, equal, greater

    /// `nil` for values of different kinds, which have no order.
    static func compare(_ left: Value, _ right: Value) -> Order? {
        if let left = left.double, let right = right.double { return compare(left, right) }
        if let left = left.bool, let right = right.bool { return compare(left ? 1 : 0, right ? 1 : 0) }
        guard let left = left.string, let right = right.string else { return nil }
        if let left = Timestamp(rfc3339: left), let right = Timestamp(rfc3339: right) { return compare(left, right) }
        return compare(left, right)
    }

    private static func compare<Key: Comparable>(_ left: Key, _ right: Key) -> Order {
        left < right ? .less : left == right ? .equal : .greater
    }
}

extension [Fields] {
    /// - Parameter order: `[{"field": "name", "direction": -1}]`; what lacks a field comes last.
    func sorted(by order: [Value]) -> [Fields] {
        let keys = order.compactMap { key -> (field: String, isDescending: Bool)? in
            guard let field = key.object?["field"]?.string else { return nil }
            return (field, key.object?["direction"]?.int == -1)
        }
        guard !keys.isEmpty else { return self }
        return enumerated().sorted { left, right in
            for key in keys {
                let (first, second) = (left.element.value(at: key.field), right.element.value(at: key.field))
                guard let first, !first.isNull else {
                    if let second, !second.isNull { return false }
                    continue
                }
                guard let second, !second.isNull else { return true }
                switch Order.compare(first, second) {
                case .less: return !key.isDescending
                case .greater: return key.isDescending
                case .equal, nil: continue
                }
            }
            return left.offset < right.offset
        }.map(\.element)
    }
}
