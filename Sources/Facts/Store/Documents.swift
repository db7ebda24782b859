import MongoDB

extension BSONDocument {
    /// What is one of these.
    static func among(_ field: String, _ values: (inout BSONArray) -> Void) -> BSONDocument {
        var document = BSONDocument()
        document.append(field) { $0.append("$in", array: values) }
        return document
    }

    /// A pipeline's stage that leaves these fields, and `_id`.
    static func stage(keeping fields: [String]) -> BSONDocument {
        var document = BSONDocument()
        document.append("$project") { for field in fields { $0.append(field, Int32(1)) } }
        return document
    }

    /// The element at the end of a path through nested documents.
    func element(at path: [String]) -> BSONElement? {
        guard let name = path.first else { return nil }
        var iterator = elements.makeIterator()
        while let element = iterator.next() {
            guard element.hasKey(name) else { continue }
            if path.count == 1 { return element }
            guard case .document(let nested) = element.value else { return nil }
            return nested.element(at: Array(path.dropFirst()))
        }
        return nil
    }
}
