import MongoDB

/// What changed last, in an array beside a number that each transaction raises by a step: whoever knows an earlier number learns
/// what has changed since.
struct LatestChanges: Sendable {
    static let (field, stepField) = ("l", "s")

    private let number: Int64
    /// In the order of time; where a transaction begins, by how much it raised the number.
    private let changes: [(change: BSONDocument, step: Int64)]

    /// - Parameter number: the field that has it.
    init(_ document: BSONDocument, number: String) {
        self.number = document.int64(number) ?? 0
        changes = (document.array(Self.field) ?? []).compactMap { value in
            guard case .document(let change) = value else { return nil }
            return (change, change.int64(Self.stepField) ?? 0)
        }
    }

    /// `nil` where they are no longer told.
    func since(_ known: Int64) -> [BSONDocument]? {
        var (number, found) = (number, [BSONDocument]())
        for (change, step) in changes.reversed() where number != known {
            found.append(change)
            number -= step
        }
        return number == known ? found : nil
    }

    /// Adds what a transaction changes; the number has to be raised by `step` with it.
    ///
    /// - Parameter most: of more, nothing is told, and nothing of what came before.
    static func note<Change>(
        _ changes: some Swift.Collection<Change>,
        step: Int64,
        most: Int,
        in update: inout BSONDocument,
        _ write: (Change, inout BSONDocument) -> Void
    ) {
        guard !changes.isEmpty, changes.count <= most else {
            // Nobody finds what they knew at the end of this list.
            return update.append("$set") { $0.append(field) { (_: inout BSONArray) in } }
        }
        update.append("$push") {
            $0.append(field) {
                $0.append("$each") { (latest: inout BSONArray) in
                    for (index, change) in changes.enumerated() {
                        latest.append {
                            write(change, &$0)
                            // The first one has the step: without it what came before is out of reach.
                            if index == 0 { $0.append(stepField, step) }
                        }
                    }
                }
                $0.append("$slice", Int32(-most))
            }
        }
    }
}
