extension Limits {
    /// Configuration and rule files.
    package struct YAML: Sendable, Equatable {
        /// One file, in bytes.
        package var bytes = 1_048_576
        /// Lists and mappings within each other.
        package var depth = 32
        /// Keys and values of one file.
        package var nodes = 100_000
        package init() {}
    }
}
