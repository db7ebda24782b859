package import Limits

/// One YAML document, read strictly: no anchors, aliases, tags, directives or second document, no key twice.
package struct YAMLDocument: Sendable, Equatable {
    /// As messages about the document name it.
    package let file: String
    /// A file without content is a null scalar at 1:1.
    package let root: YAMLNode

    /// Parses UTF-8 text, with or without a byte order mark.
    ///
    /// - Throws: ``YAMLError`` for the first thing that YAML, the rules above or `limits` do not allow.
    package init(_ bytes: [UInt8], file: String, limits: Limits.YAML = Limits.YAML()) throws(YAMLError) {
        var none: [YAMLError] = []
        try self.init(bytes, file: file, limits: limits, goesOn: false, problems: &none)
    }

    /// Parses UTF-8 text and goes on after what the rules above leave out, which it adds to `problems`: of a key twice the
    /// first stands, an alias becomes a null scalar, other keys than text and merges are left away with their values.
    ///
    /// - Throws: ``YAMLError`` for the first thing after which there is no going on.
    package init(
        _ bytes: [UInt8],
        file: String,
        limits: Limits.YAML = Limits.YAML(),
        problems: inout [YAMLError]
    ) throws(YAMLError) {
        try self.init(bytes, file: file, limits: limits, goesOn: true, problems: &problems)
    }

    private init(
        _ bytes: [UInt8],
        file: String,
        limits: Limits.YAML,
        goesOn: Bool,
        problems: inout [YAMLError]
    ) throws(YAMLError) {
        self.file = file
        guard bytes.count <= limits.bytes else {
            throw YAMLError(
                file: file,
                at: YAMLPosition(line: 1, column: 1),
                "the file has \(bytes.count) bytes; at most \(limits.bytes) are allowed"
            )
        }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
        guard !text.isEmpty else {  // libyaml asserts that there is a first byte
            root = .nothing
            return
        }
        var noted: [YAMLFault] = []
        defer { problems += noted.map { YAMLError(file: file, at: $0.position, $0.problem) } }
        do throws(YAMLFault) {
            root = try text.withUnsafeBufferPointer { buffer throws(YAMLFault) in
                var composer = NodeComposer(EventReader(buffer), limits: limits, goesOn: goesOn)
                defer { noted = composer.problems }
                return try composer.document()
            }
        } catch {
            throw YAMLError(file: file, at: error.position, error.problem)
        }
    }

    /// A fault that the reader of the document found at a node or key of it.
    package func error(at position: YAMLPosition, _ problem: String) -> YAMLError {
        YAMLError(file: file, at: position, problem)
    }
}

/// A ``YAMLError`` before the file's name is known.
struct YAMLFault: Error {
    let position: YAMLPosition
    let problem: String

    init(at position: YAMLPosition, _ problem: String) { (self.position, self.problem) = (position, problem) }
}
