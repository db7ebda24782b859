package import JSON
package import Limits

/// Facts as the app sends them: a JSON object of names and values.
package enum FactFields {
    /// What is wrong with a field, or with the whole.
    package struct Fault: Error, Equatable {
        /// `nil` where no single field is to blame.
        package let field: String?
        /// Completes "must be …".
        package let allowed: String
    }

    /// Reads an object; null is the same as leaving the field out.
    ///
    /// - Throws: ``Fault`` for the first field that cannot be kept.
    package static func read(_ json: JSONValue, limits: Limits.Facts) throws(Fault) -> FactRecord {
        guard json.kind == .object else { throw Fault(field: nil, allowed: "a JSON object of names and values") }
        var record = FactRecord()
        var names: Set<String> = []
        for (name, value) in json.object {
            guard names.insert(name).inserted else { throw Fault(field: name, allowed: "given once") }
            guard isName(name, limits) else {
                let allowed = "named in 1 to \(limits.fieldNameBytes) bytes without control characters"
                throw Fault(field: name, allowed: allowed)
            }
            if value.isNull { continue }
            record.fields[name] = try self.value(value, of: name, limits)
        }
        guard record.fields.count <= limits.fields else {
            throw Fault(field: nil, allowed: "at most \(limits.fields) fields")
        }
        guard text(of: record).utf8.count <= limits.recordBytes else {
            throw Fault(field: nil, allowed: "at most \(limits.recordBytes) bytes as JSON")
        }
        return record
    }

    /// The record as compact JSON, fields sorted by name.
    package static func write(_ record: FactRecord, to writer: inout JSONWriter) {
        writer.object { writer in
            for (name, value) in record.fields.sorted(by: { $0.key < $1.key }) {
                writer.field(name) { value.write(to: &$0) }
            }
        }
    }

    static func text(of record: FactRecord) -> String {
        var writer = JSONWriter()
        write(record, to: &writer)
        return writer.text
    }

    /// Whatever fields of stored JSON text are facts; what is not an object has none.
    static func lenient(_ text: String) -> FactRecord {
        var record = FactRecord()
        guard let json = try? JSONParser().parse(Array(text.utf8)) else { return record }
        for (name, value) in json.object where record.fields[name] == nil { record.fields[name] = FactValue(value) }
        return record
    }

    private static func value(
        _ json: JSONValue,
        of name: String,
        _ limits: Limits.Facts
    ) throws(Fault) -> FactValue {
        guard let value = FactValue(json) else {
            let allowed = "text, a number that 64 bits hold, true, false, null or a list of texts"
            throw Fault(field: name, allowed: allowed)
        }
        switch value {
        case .string(let text) where text.utf8.count > limits.textBytes:
            throw Fault(field: name, allowed: "at most \(limits.textBytes) bytes")
        case .strings(let texts) where texts.count > limits.listTexts:
            throw Fault(field: name, allowed: "a list of at most \(limits.listTexts) texts")
        default: return value
        }
    }

    private static func isName(_ name: String, _ limits: Limits.Facts) -> Bool {
        1...limits.fieldNameBytes ~= name.utf8.count && !name.utf8.contains { $0 < 0x20 || $0 == 0x7f }
    }
}
