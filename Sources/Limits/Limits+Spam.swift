extension Limits {
    /// Bounds of the spam model: what it learns from, what it keeps, when it learns anew.
    package struct Spam: Sendable, Equatable {
        /// One file of labelled text, in bytes.
        package var labelledBytes = 67_108_864
        /// One of its lines, in bytes.
        package var labelledLineBytes = 1_048_576
        /// Texts that are learned from, all files together.
        package var labelledTexts = 200_000
        /// Bad lines that are told of.
        package var labelledFaults = 50
        /// Texts of either kind below which no model is made.
        package var leastOfEach = 20
        /// A model as it is stored, in bytes.
        package var modelBytes = 1_048_576
        /// Versions that are kept in MongoDB, the current one among them.
        package var modelsKept = 10
        /// How often to look for verdicts and another current version, in milliseconds.
        package var pollMilliseconds = 2_000
        /// Verdicts read at a time.
        package var labelsRead = 500
        /// How long after its time a verdict may still appear, in milliseconds: transactions take a while.
        package var lateMilliseconds: Int64 = 15_000
        /// Verdicts after which the model is made anew.
        package var refitLabels = 400
        /// Verdicts, the newest, that it is made of.
        package var refitMost = 20_000
        /// Of these, the newest, that a new model is tried on before it is taken.
        package var refitTried = 100
        /// Verdicts of one channel type from which on its probabilities are calibrated by themselves.
        package var placeLabels = 100
        /// Verdicts of one channel type, the newest, that this is done with.
        package var placeLabelsMost = 500
        /// Verdicts looked through for that at the start.
        package var placeLabelsRead = 5_000
        /// Channel types that are calibrated by themselves.
        package var places = 200
        /// Of 1,000 messages that nothing is wrong with, how many a person looks at (`SPAM_AUDIT_PER_MILLE`).
        package var auditPerMille = 20
        package init() {}
    }
}
