import MongoDB

/// Where the app's database keeps the things of one kind.
package struct FactMapping: Sendable, Hashable {
    /// How an id, which is text everywhere here, is stored there.
    package enum KeyType: String, Sendable, CaseIterable {
        case string
        /// Twelve bytes, written as 24 hexadecimal digits.
        case objectID = "objectid"
        /// A whole number of any of MongoDB's types.
        case integer = "int"
        /// Binary data of the subtype 4, written with hyphens.
        case uuid
    }

    package var kind: String
    package var collection: String
    /// `nil` for the one that `APP_MONGODB_URI` names.
    package var database: String?
    /// The path of the field that holds the id; its values should be unique, and indexed.
    package var key: [String]
    package var keyType: KeyType
    /// The path of each fact, by its name.
    package var fields: [String: [String]]

    package init(
        kind: String,
        collection: String,
        database: String? = nil,
        key: [String] = ["_id"],
        keyType: KeyType = .string,
        fields: [String: [String]]
    ) {
        (self.kind, self.collection, self.database) = (kind, collection, database)
        (self.key, self.keyType, self.fields) = (key, keyType, fields)
    }

    /// Key and fields and nothing else.
    var projection: BSONDocument {
        var paths = Set(fields.values)
        paths.insert(key)
        // MongoDB refuses a path together with the beginning of it, which brings the whole anyway.
        let needed = paths.filter { path in !(1..<path.count).contains { paths.contains(Array(path[..<$0])) } }
        var document = BSONDocument()
        if !needed.contains(where: { $0[0] == "_id" }) { document.append("_id", Int32(0)) }
        for path in needed.map({ $0.joined(separator: ".") }).sorted() { document.append(path, Int32(1)) }
        return document
    }

    /// The facts of one document, and its id; `nil` where it has none.
    func read(_ document: BSONDocument) -> (id: String, record: FactRecord)? {
        guard let id = document.element(at: key).flatMap(keyType.id) else { return nil }
        var record = FactRecord()
        for (name, path) in fields {
            record.fields[name] = document.element(at: path).flatMap { FactValue($0) }
        }
        return (id, record)
    }
}

extension FactMapping.KeyType {
    /// Adds an id to a list of values as it would be stored; not where it cannot be one.
    ///
    /// - Returns: the same id as ``id(of:)`` gives it.
    func append(_ id: String, to array: inout BSONArray) -> String? {
        switch self {
        case .string:
            array.append(id)
            return id
        case .integer:
            guard let number = Int64(id), "\(number)" == id else { return nil }
            array.append(number)
            return id
        case .objectID:
            guard let bytes = StoredID.bytes(id, count: 12) else { return nil }
            array.append(value: .objectID(bytes))
            return StoredID.text(ofObjectID: bytes)
        case .uuid:
            guard let bytes = StoredID.bytes(ofUUID: id) else { return nil }
            array.append(uuid: bytes)
            return StoredID.text(ofUUID: bytes)
        }
    }

    /// The id that a stored value stands for; `nil` for a value of another type.
    func id(of element: BSONElement) -> String? {
        switch self {
        case .string: element.value.string
        case .integer: element.value.int64.map { "\($0)" }
        case .objectID: if case .objectID(let bytes) = element.value { StoredID.text(ofObjectID: bytes) } else { nil }
        case .uuid: element.uuid.map(StoredID.text(ofUUID:))
        }
    }
}
