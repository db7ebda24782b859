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
        package init() {}
    }
}
