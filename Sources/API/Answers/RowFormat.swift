/// How the rows of an answer are written.
enum RowFormat: String, CaseIterable, Sendable {
    /// A page of them, with what is said of the whole.
    case json
    /// RFC 4180, the first row being names.
    case csv
    /// A JSON object a line.
    case ndjson
}
