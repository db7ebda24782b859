import CSimdjson

/// The elements of an array, in order.
package struct JSONArray: Sequence, IteratorProtocol {
    let document: JSONDocument
    var range: csj_range

    package mutating func next() -> JSONValue? {
        var value = csj_value()
        return csj_next_element(&range, &value) ? JSONValue(document: document, place: value) : nil
    }
}

/// The fields of an object, in the text's order, duplicates included.
package struct JSONObject: Sequence, IteratorProtocol {
    let document: JSONDocument
    var range: csj_range

    package mutating func next() -> (key: String, value: JSONValue)? {
        var (name, value) = (csj_text(), csj_value())
        guard csj_next_field(&range, &name, &value) else { return nil }
        return withExtendedLifetime(document) {
            (String(utf8: name.utf8.span), JSONValue(document: document, place: value))
        }
    }
}
