import Limits
import YAML

/// One file of rules as YAML.
///
/// A syntax error within one rule costs that rule alone: it is cut out, and the rest is read.
struct RuleDocument {
    private(set) var root: YAMLNode?
    /// Something could not be read.
    private(set) var isBroken = false

    init(_ file: RuleFile, _ reading: inout Reading) {
        var limits = Limits.YAML()
        (limits.bytes, limits.depth, limits.nodes) =
            (reading.limits.ruleFileBytes, reading.limits.depth, reading.limits.nodes)
        do throws(YAMLError) {
            root = try Self.parse(file, limits, &reading)
        } catch {
            isBroken = true
            let (cut, errors) = Self.cutOut(of: file, limits, reading.limits.syntaxErrors)
            guard !errors.isEmpty else {
                reading.refuse(error.position, error.problem)
                return
            }
            for error in errors { reading.refuse(error.position, error.problem) }
            do throws(YAMLError) {
                root = try Self.parse(cut, limits, &reading)
            } catch {
                reading.refuse(error.position, error.problem)
            }
        }
    }

    /// Parses, and notes what strict YAML leaves out.
    private static func parse(
        _ file: RuleFile,
        _ limits: Limits.YAML,
        _ reading: inout Reading
    ) throws(YAMLError) -> YAMLNode {
        var problems: [YAMLError] = []
        let document = try YAMLDocument(file.bytes, file: file.name, limits: limits, problems: &problems)
        for problem in problems { reading.refuse(problem.position, problem.problem) }
        // An alias leaves nothing behind, of which nothing more is to be said.
        if !problems.isEmpty { reading.spoiled = Set(problems.map(\.position)).intersection(empty(in: document.root)) }
        return document.root
    }

    /// Where nothing stands.
    private static func empty(in node: YAMLNode) -> [YAMLPosition] {
        switch node.value {
        case .scalar: node.isNull ? [node.position] : []
        case .sequence(let elements): elements.flatMap { empty(in: $0) }
        case .mapping(let entries): entries.flatMap { empty(in: $0.value) }
        }
    }

    /// The file without the rules that are no YAML by themselves, at whose places there are empty lines, and their errors.
    private static func cutOut(
        of file: RuleFile,
        _ limits: Limits.YAML,
        _ most: Int
    ) -> (RuleFile, [YAMLError]) {
        guard file.bytes.count <= limits.bytes else { return (file, []) }
        var lines = file.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
        var errors: [YAMLError] = []
        for range in rules(in: lines) where errors.count < most {
            let bytes = Array(lines[range].joined(separator: [UInt8(ascii: "\n")])) + [UInt8(ascii: "\n")]
            var problems: [YAMLError] = []
            do throws(YAMLError) {
                _ = try YAMLDocument(bytes, file: file.name, limits: limits, problems: &problems)
            } catch {
                // Where it ends without what it lacks, the place is the rule's last line, not the next one's.
                let line = min(range.lowerBound + error.position.line, range.upperBound)
                let column = line < range.lowerBound + error.position.line ? 1 : error.position.column
                errors.append(YAMLError(file: file.name, at: YAMLPosition(line: line, column: column), error.problem))
                for index in range { lines[index] = [] }
            }
        }
        return (RuleFile(name: file.name, bytes: Array(lines.joined(separator: [UInt8(ascii: "\n")]))), errors)
    }

    /// The lines of each element of the list under `rules:`.
    private static func rules(in lines: [[UInt8]]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var indent: Int?
        var (isWithin, start): (Bool, Int?) = (false, nil)
        func indentation(_ line: [UInt8]) -> Int { line.prefix { $0 == UInt8(ascii: " ") }.count }
        for (index, line) in lines.enumerated() {
            let spaces = indentation(line)
            guard spaces < line.count, line[spaces] != UInt8(ascii: "#"), line[spaces] != UInt8(ascii: "\r") else {
                continue
            }
            if line.starts(with: "---".utf8) { break }
            let isItem =
                line[spaces] == UInt8(ascii: "-") && (spaces + 1 == line.count || line[spaces + 1] == UInt8(ascii: " "))
            if isWithin, isItem, spaces == (indent ?? spaces) {
                if let start { ranges.append(start..<index) }
                (indent, start) = (spaces, index)
            } else if spaces == 0, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(line[0]) {
                if let start { ranges.append(start..<index) }
                (isWithin, indent, start) = (line.starts(with: "rules:".utf8), nil, nil)
            }
        }
        if let start { ranges.append(start..<lines.count) }
        return ranges
    }
}
