import Foundation
import Rules
import TestSupport

/// A page of `docs` about rules, by what of it can be tried.
struct RulesPage {
    /// What stands between two fences.
    struct Block {
        let language: String
        /// What follows the language: `file=NAME`, or the key that it stands under.
        let role: String?
        let text: String
    }

    let text: String
    private(set) var blocks: [Block] = []
    /// The first column of tables, by the name at its head; what stands between backquotes.
    private(set) var cells: [String: [String]] = [:]
    private(set) var headings: Set<String> = []

    /// Templates of its own.
    var templates: [RuleFile] {
        blocks.filter { $0.language == "template" }.map { block in
            RuleFile(name: String(block.role?.dropFirst(5) ?? ""), bytes: Array(block.text.utf8))
        }
    }

    /// - Parameter name: of the page in `docs`.
    init(_ name: String = "rules.md") throws {
        text = try String(contentsOf: repositoryRoot.appending(path: "docs/\(name)"), encoding: .utf8)
        var fence: (language: String, role: String?, lines: [String])?
        var head: String?
        for line in text.components(separatedBy: "\n") {
            if let open = fence {
                if line.hasPrefix("```") {
                    blocks.append(
                        Block(language: open.language, role: open.role, text: open.lines.joined(separator: "\n") + "\n")
                    )
                    fence = nil
                } else {
                    fence?.lines.append(line)
                }
            } else if line.hasPrefix("```") {
                let words = line.dropFirst(3).split(separator: " ", maxSplits: 1).map(String.init)
                fence = (words.first ?? "", words.count > 1 ? words[1] : nil, [])
            } else if line.hasPrefix("|") {
                let cell = line.dropFirst().prefix { $0 != "|" }.trimmingCharacters(in: .whitespaces)
                guard let table = head else {
                    head = cell
                    continue
                }
                let spans = cell.components(separatedBy: "`")
                if spans.count > 1 { cells[table, default: []].append(spans[1]) }
            } else {
                head = nil
                if line.hasPrefix("### ") || line.hasPrefix("## ") {
                    headings.insert(String(line.drop { $0 == "#" }.dropFirst()))
                }
            }
        }
    }
}
