extension BSONDocument {
    /// The first value of this key, found by walking the document.
    package subscript(_ key: String) -> BSONValue? {
        var iterator = elements.makeIterator()
        while let element = iterator.next() {
            if element.hasKey(key) { return element.value }
        }
        return nil
    }

    package func string(_ key: String) -> String? { self[key]?.string }

    /// Any number that is a whole one.
    package func int64(_ key: String) -> Int64? { self[key]?.int64 }

    /// Any number; 64-bit integers lose precision beyond 2^53.
    package func double(_ key: String) -> Double? { self[key]?.double }

    package func bool(_ key: String) -> Bool? { self[key]?.bool }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    package func date(_ key: String) -> Int64? { self[key]?.date }

    /// MongoDB's internal time: seconds in the upper half, an ordinal in the lower.
    package func timestamp(_ key: String) -> UInt64? { self[key]?.timestamp }

    package func document(_ key: String) -> BSONDocument? { self[key]?.document }

    package func array(_ key: String) -> [BSONValue]? { self[key]?.array }

    package func binary(_ key: String) -> [UInt8]? { self[key]?.binary }

    /// The elements without decoding any: what a reader of many fields walks once.
    package var elements: BSONElements { BSONElements(document: self) }
}

extension BSONDocument: Sequence {
    package struct Iterator: IteratorProtocol {
        fileprivate var elements: BSONElements.Iterator

        package mutating func next() -> (key: String, value: BSONValue)? {
            elements.next().map { ($0.key, $0.value) }
        }
    }

    package func makeIterator() -> Iterator { Iterator(elements: elements.makeIterator()) }
}
