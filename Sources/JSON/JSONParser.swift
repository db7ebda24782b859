import CSimdjson

/// Parses JSON with simdjson's DOM, reusing its memory from one text to the next.
///
/// Not `Sendable`, and nor are its values: one parser for each thread or actor.
package final class JSONParser {
    /// Objects and arrays within one another.
    package static let defaultDepth = 128
    /// Longest text, in bytes: twice what the service ever inflates.
    package static let bytesMost = 16_777_216
    /// Texts up to this size share the parser's memory, in bytes; a longer one's (some 15 times its size) is given back.
    package static let bytesKept = 1_048_576

    private var parser: OpaquePointer?
    private var document = JSONDocument()
    private var holdsLargeText = false

    package init() {}

    deinit { csj_parser_destroy(parser) }

    /// Parses one text, whose value stays valid for as long as it, or any value got from it, is held.
    ///
    /// Source: RFC 8259; duplicate names are kept, and the first is found.
    package func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        guard !bytes.isEmpty else { throw .empty }
        // An earlier value may still read the document, whose bytes parsing overwrites: leave it that one.
        if holdsLargeText || !isKnownUniquelyReferenced(&document) { document = JSONDocument() }
        if holdsLargeText || parser == nil {
            csj_parser_destroy(parser)
            parser = csj_parser_create(Self.defaultDepth, Self.bytesMost)
        }
        holdsLargeText = bytes.count > Self.bytesKept
        guard let parser, let handle = document.handle else { throw .outOfMemory }

        var root = csj_value()
        let status = bytes.withUnsafeBufferPointer { csj_parse(parser, handle, $0.baseAddress, $0.count, &root) }
        guard status == CSJ_OK else { throw JSONError(status) }
        return JSONValue(document: document, place: root)
    }
}

/// Owns what a parse produced; every ``JSONValue`` of it holds it.
final class JSONDocument {
    /// `nil` when there was no memory for it.
    let handle: OpaquePointer? = csj_document_create()

    deinit { csj_document_destroy(handle) }
}
