import Foundation

/// A path with places for values: `/api/v1/users/{id}`.
struct PathTemplate: Sendable, Equatable, CustomStringConvertible {
    private enum Segment: Sendable, Equatable {
        case literal(String)
        case value(String)
    }

    let description: String
    private let segments: [Segment]

    init(_ template: String) {
        description = template
        segments = Self.split(template).map { segment in
            segment.hasPrefix("{") ? .value(String(segment.dropFirst().dropLast())) : .literal(String(segment))
        }
    }

    /// The names of its values, in order.
    var names: [String] {
        segments.compactMap { if case .value(let name) = $0 { name } else { nil } }
    }

    /// The values in a path's segments, still escaped; `nil` when they are another path's.
    func match(_ path: [Substring]) -> [String: Substring]? {
        guard path.count == segments.count else { return nil }
        var values: [String: Substring] = [:]
        for (segment, part) in zip(segments, path) {
            switch segment {
            case .literal(let literal): guard part == literal else { return nil }
            case .value(let name): values[name] = part
            }
        }
        return values
    }

    /// The parts between slashes: an escaped slash does not part, so it is undone only afterwards.
    static func split(_ path: String) -> [Substring] {
        path.split(separator: "/", omittingEmptySubsequences: false)
    }

    /// Undoes percent-encoding (RFC 3986 §2.1); `nil` for what is not UTF-8 then.
    static func unescaped(_ segment: Substring) -> String? { String(segment).removingPercentEncoding }
}
