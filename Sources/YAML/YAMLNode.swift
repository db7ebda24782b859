/// A value of a YAML file together with where it stands, so that whoever gives it meaning can point at it.
package struct YAMLNode: Sendable, Equatable {
    package let value: Value
    package let position: YAMLPosition

    package init(_ value: Value, at position: YAMLPosition) { (self.value, self.position) = (value, position) }

    package enum Value: Sendable, Equatable {
        case scalar(Scalar)
        case sequence([YAMLNode])
        /// In the file's order; keys are unique.
        case mapping([Entry])
    }

    /// Text as written.
    ///
    /// What type it stands for is the reader's decision, so that `no` or `1.10` is never changed.
    package struct Scalar: Sendable, Equatable {
        package let text: String
        /// Written without quotes and not as a block: only such text may stand for a number, a truth value or nothing.
        package let isPlain: Bool

        package init(_ text: String, isPlain: Bool) { (self.text, self.isPlain) = (text, isPlain) }
    }

    package struct Entry: Sendable, Equatable {
        package let key: String
        package let keyPosition: YAMLPosition
        package let value: YAMLNode

        package init(key: String, at keyPosition: YAMLPosition, value: YAMLNode) {
            (self.key, self.keyPosition, self.value) = (key, keyPosition, value)
        }
    }
}

extension YAMLNode {
    /// The root of a file without content.
    static let nothing = YAMLNode(.scalar(Scalar("", isPlain: true)), at: YAMLPosition(line: 1, column: 1))

    /// The text of a scalar, `nil` for anything else.
    package var text: String? {
        guard case .scalar(let scalar) = value else { return nil }
        return scalar.text
    }

    /// Nothing was written: no text at all, `~` or `null`, without quotes.
    package var isNull: Bool {
        guard case .scalar(let scalar) = value, scalar.isPlain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.text)
    }

    /// A plain decimal integer: a sign and digits, nothing else.
    package var integer: Int? {
        guard case .scalar(let scalar) = value, scalar.isPlain else { return nil }
        return Int(scalar.text)
    }

    /// A plain finite number: digits with an optional sign, fraction and exponent.
    package var number: Double? {
        guard case .scalar(let scalar) = value, scalar.isPlain,
            scalar.text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }), let number = Double(scalar.text),
            number.isFinite
        else { return nil }
        return number
    }

    /// `true` or `false`; YAML 1.1's `yes`, `no`, `on` and `off` are text here.
    package var bool: Bool? {
        guard case .scalar(let scalar) = value, scalar.isPlain else { return nil }
        return ["true": true, "false": false][scalar.text]
    }

    package var sequence: [YAMLNode]? {
        guard case .sequence(let nodes) = value else { return nil }
        return nodes
    }

    package var mapping: [Entry]? {
        guard case .mapping(let entries) = value else { return nil }
        return entries
    }

    package subscript(key: String) -> YAMLNode? { mapping?.first { $0.key == key }?.value }

    /// What this is in words, for a message that says what was found: `a list`, `a mapping`, `text`, `nothing`.
    package var kind: String {
        switch value {
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .scalar: isNull ? "nothing" : integer != nil || number != nil ? "a number" : "text"
        }
    }
}
