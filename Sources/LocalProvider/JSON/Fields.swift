/// The fields of a JSON object in the order they came; of several of one name the last counts.
///
/// Looked up one after the other, which for the dozen or two of a chat object beats hashing.
struct Fields: Sendable, ExpressibleByDictionaryLiteral {
    private(set) var pairs: [(name: String, value: Value)]

    init() { pairs = [] }
    init(_ pairs: [(String, Value)]) { self.pairs = pairs.map { (name: $0.0, value: $0.1) } }
    init(dictionaryLiteral elements: (String, Value)...) { self.init(elements) }

    /// Without looking for an earlier one of the same name: for names known to be new.
    mutating func append(_ name: String, _ value: Value) { pairs.append((name, value)) }

    mutating func append(_ other: Fields) { pairs += other.pairs }

    var isEmpty: Bool { pairs.isEmpty }
    var count: Int { pairs.count }
    var names: [String] { pairs.map(\.name) }

    subscript(name: String) -> Value? {
        get { pairs.last { $0.name == name }?.value }
        set {
            guard let index = pairs.firstIndex(where: { $0.name == name }) else {
                if let newValue { pairs.append((name, newValue)) }
                return
            }
            if let newValue { pairs[index].value = newValue } else { pairs.removeAll { $0.name == name } }
        }
    }

    /// The value at a path such as `config.color`.
    func value(at path: String) -> Value? {
        if let value = self[path] { return value }
        guard let dot = path.firstIndex(of: "."), let inner = self[String(path[..<dot])]?.object else { return nil }
        return inner.value(at: String(path[path.index(after: dot)...]))
    }

    /// Sets (or with `nil` removes) the value at a path such as `config.color`, making the objects on the way.
    mutating func set(_ path: String, to value: Value?) {
        guard self[path] == nil, let dot = path.firstIndex(of: ".") else {
            self[path] = value
            return
        }
        let name = String(path[..<dot])
        guard value != nil || self[name]?.object != nil else { return }
        var inner = self[name]?.object ?? Fields()
        inner.set(String(path[path.index(after: dot)...]), to: value)
        self[name] = .object(inner)
    }

    /// Those whose name is not among `names`.
    func without(_ names: Set<String>) -> Fields {
        var result = Fields()
        result.pairs = pairs.filter { !names.contains($0.name) }
        return result
    }
}

extension Fields: Equatable {
    /// The order of fields means nothing.
    static func == (left: Fields, right: Fields) -> Bool {
        left.count == right.count && left.pairs.allSatisfy { right[$0.name] == $0.value }
    }
}
