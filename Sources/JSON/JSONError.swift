import CSimdjson

/// Why bytes are not JSON that can be read; holds nothing of what they say.
package enum JSONError: Error, Equatable, CaseIterable, CustomStringConvertible {
    case empty
    case malformed
    /// A string holds an unknown escape or half a surrogate pair.
    case invalidString
    /// simdjson does not tell a number that 64 bits cannot hold from one that is misspelt.
    case numberOutOfRange
    case invalidUTF8
    case tooDeep
    case tooLarge
    case outOfMemory

    package var description: String {
        switch self {
        case .empty: "no JSON: there is nothing but white space"
        case .malformed: "not JSON: the text is misspelt, ends early or goes on after its end"
        case .invalidString: "not JSON: a string holds an unknown escape or half a surrogate pair"
        case .numberOutOfRange: "not readable: a number is misspelt or larger than 64 bits hold"
        case .invalidUTF8: "not JSON: the bytes are not UTF-8"
        case .tooDeep: "not readable: nested deeper than \(JSONParser.defaultDepth) levels"
        case .tooLarge: "not readable: longer than \(JSONParser.bytesMost) bytes"
        case .outOfMemory: "not read: no memory for the document; a retry may succeed"
        }
    }

    init(_ status: csj_status) {
        self =
            switch status {
            case CSJ_EMPTY: .empty
            case CSJ_STRING: .invalidString
            case CSJ_NUMBER: .numberOutOfRange
            case CSJ_UTF8: .invalidUTF8
            case CSJ_DEPTH: .tooDeep
            case CSJ_SIZE: .tooLarge
            case CSJ_MEMORY: .outOfMemory
            default: .malformed
            }
    }
}
