import CSimdjson

/// A value inside a parsed text; holding it keeps the text's memory.
package struct JSONValue {
    package enum Kind: Sendable, Equatable { case object, array, string, integer, double, bool, null }

    let document: JSONDocument
    let place: csj_value

    package var kind: Kind {
        switch csj_kind_of(place) {
        case CSJ_OBJECT: .object
        case CSJ_ARRAY: .array
        case CSJ_TEXT: .string
        case CSJ_INT64, CSJ_UINT64: .integer
        case CSJ_DOUBLE: .double
        case CSJ_BOOL: .bool
        default: .null
        }
    }

    package var isNull: Bool { csj_kind_of(place) == CSJ_NULL }

    package var string: String? {
        var text = csj_text()
        guard csj_get_text(place, &text) else { return nil }
        return withExtendedLifetime(document) { String(utf8: text.utf8.span) }
    }

    /// `nil` for a fraction, and for an integer that does not fit.
    package var int64: Int64? {
        var result: Int64 = 0
        return csj_get_int64(place, &result) ? result : nil
    }

    /// `nil` for a fraction, and for a negative integer.
    package var uint64: UInt64? {
        var result: UInt64 = 0
        return csj_get_uint64(place, &result) ? result : nil
    }

    /// Any number; an integer is rounded to the nearest that a `Double` holds.
    package var double: Double? {
        var result = 0.0
        return csj_get_double(place, &result) ? result : nil
    }

    package var bool: Bool? {
        var result = false
        return csj_get_bool(place, &result) ? result : nil
    }

    /// The first field of that name; `nil` when there is none, or no object.
    package subscript(key: String) -> JSONValue? {
        var key = key
        return key.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { name in
                var result = csj_value()
                guard csj_get_field(place, name.baseAddress, name.count, &result) else { return nil }
                return JSONValue(document: document, place: result)
            }
        }
    }

    /// The elements; none when this is not an array.
    package var array: JSONArray { JSONArray(document: document, range: csj_elements(place)) }

    /// How many fields an object has, duplicates included; 0 when this is not an object.
    package var fieldCount: Int {
        var range = csj_fields(place)
        var (name, value, count) = (csj_text(), csj_value(), 0)
        while csj_next_field(&range, &name, &value) { count += 1 }
        return count
    }

    /// The fields in the text's order; none when this is not an object.
    package var object: JSONObject { JSONObject(document: document, range: csj_fields(place)) }

    /// The value as compact JSON text.
    package func serialized() -> String {
        withExtendedLifetime(document) {
            document.handle.map { String(utf8: csj_minify($0, place).utf8.span) } ?? "null"
        }
    }

    /// Calls `body` with a string's UTF-8, which spares making a `String`; false when this is not a string.
    package func withUTF8(_ body: (Span<UInt8>) -> Void) -> Bool {
        var text = csj_text()
        guard csj_get_text(place, &text) else { return false }
        withExtendedLifetime(document) { body(text.utf8.span) }
        return true
    }

    /// Calls `body` with each field's name, as UTF-8, and value: for names that are only to be compared.
    package func forEachField(_ body: (Span<UInt8>, JSONValue) -> Void) {
        var range = csj_fields(place)
        var (name, value) = (csj_text(), csj_value())
        while csj_next_field(&range, &name, &value) {
            body(name.utf8.span, JSONValue(document: document, place: value))
        }
    }
}

extension csj_text {
    /// Bytes of the document: whoever uses them, through a span, keeps the document meanwhile.
    var utf8: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: bytes, count: count) }
}

extension String {
    package init(utf8 bytes: Span<UInt8>) {
        self = bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}
