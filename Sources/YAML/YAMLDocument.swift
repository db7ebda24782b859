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
        do throws(YAMLFault) {
            root = try text.withUnsafeBufferPointer { buffer throws(YAMLFault) in
                var composer = NodeComposer(EventReader(buffer), limits: limits)
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
