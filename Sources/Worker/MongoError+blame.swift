import MongoDB

extension MongoError {
    /// The failure comes from what was to be stored, not from MongoDB's state: the other events of the batch can go on.
    ///
    /// Refusals that concern everything alike (rights, disk space, configuration) are waited out instead: making dead
    /// letters of all events would help nobody.
    var blamesOneEvent: Bool {
        switch kind {
        case .tooLarge, .invalidArgument, .duplicateKey: true
        case .refused(let code): Self.documentFaults.contains(code)
        default: false
        }
    }

    /// MongoDB was there and did not get it done: it may get parts of it done where trying again has not helped.
    var mayPassInParts: Bool {
        switch kind {
        case .transientTransaction, .writeConflict, .timedOut, .unknownCommitResult: true
        default: false
        }
    }

    /// TransactionTooLargeForCache: trying again does not help.
    var isTooMuchAtOnce: Bool { kind == .refused(code: 388) }

    /// BadValue, FailedToParse, TypeMismatch, Overflow, InvalidLength, InvalidBSON, ImmutableField,
    /// DollarPrefixedFieldName, EmptyFieldName, DocumentValidationFailure.
    ///
    /// Source, as of the number above: mongo/src/mongo/base/error_codes.yml, MongoDB 6.0.
    private static let documentFaults: Set<Int> = [2, 9, 14, 15, 16, 22, 66, 52, 56, 121]
}
