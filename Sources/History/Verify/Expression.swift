import MongoDB

/// Parts of aggregations, written as they are read.
enum Expression {
    static func call(_ name: String, _ arguments: BSONValue...) -> BSONValue {
        var document = BSONDocument()
        document.append(name) { (array: inout BSONArray) in for value in arguments { array.append(value: value) } }
        return .document(document)
    }

    static func document(_ fields: KeyValuePairs<String, BSONValue>) -> BSONValue {
        var document = BSONDocument()
        for (name, value) in fields { document.append(name, value: value) }
        return .document(document)
    }

    static func field(_ path: String) -> BSONValue { .string("$" + path) }

    static func exists(_ path: String) -> BSONValue { call("$gt", field(path), .null) }

    /// A text that is not taken for a field or an operator.
    static func literal(_ text: String) -> BSONValue { document(["$literal": .string(text)]) }

    static func stage(_ name: String, _ content: BSONValue) -> BSONDocument {
        var stage = BSONDocument()
        stage.append(name, value: content)
        return stage
    }

    static func stage(_ name: String, _ fields: KeyValuePairs<String, BSONValue>) -> BSONDocument {
        stage(name, document(fields))
    }
}
