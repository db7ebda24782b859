import Limits
import YAML

/// The lists of a set: those of files, and those that files of rules give.
struct ListCollection {
    private struct FileList {
        let name: String
        let terms: [String]
        let place: RulePlace
    }

    private struct Given {
        let draft: ListDraft
        let file: String
    }

    private(set) var terms: [String: TermList] = [:]
    /// Also of those with faults.
    private(set) var names: Set<String> = []
    private var places: [String: RulePlace] = [:]
    private var files: [String: FileList] = [:]
    private var given: [Given] = []
    private var count = 0

    func place(of name: String) -> RulePlace? { places[name] }

    /// Reads `lists/NAME.txt`: a term a line, without the blanks around it; `#` begins a line that is a comment.
    mutating func read(_ file: RuleFile, named name: String, _ reading: inout Reading) {
        let start = YAMLPosition(line: 1, column: 1)
        // Also a list with faults is one that rules may name.
        let note = { (collection: inout Self, terms: [String], place: RulePlace) in
            collection.files[file.name] = FileList(name: name, terms: terms, place: place)
        }
        guard file.bytes.count <= reading.limits.listFileBytes else {
            note(&self, [], reading.place(start))
            return reading.refuse(
                start,
                "the list has \(file.bytes.count) bytes; at most \(reading.limits.listFileBytes) are allowed"
            )
        }
        let before = reading.faultCount
        var (terms, seen): ([String], Set<String>) = ([], [])
        let bytes = file.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? file.bytes.dropFirst(3) : file.bytes[...]
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        where !reading.isFull {
            let blanks = line.prefix(while: Self.isBlank).count
            var text = line.dropFirst(blanks)
            while let last = text.last, Self.isBlank(last) { text = text.dropLast() }
            guard let first = text.first, first != UInt8(ascii: "#") else { continue }
            let position = YAMLPosition(line: index + 1, column: blanks + 1)
            guard let term = String(validating: text, as: UTF8.self) else {
                reading.refuse(position, "the line is not UTF-8")
                continue
            }
            if let fault = RuleName.termFault(term, reading) {
                reading.refuse(position, fault)
            } else if seen.insert(term).inserted {
                terms.append(term)
            }
        }
        if terms.isEmpty, reading.faultCount == before {
            reading.refuse(start, "the list is empty; allowed: a term a line")
        }
        note(&self, terms, reading.place(start))
    }

    mutating func add(_ list: ListDraft, _ reading: inout Reading) {
        let place = reading.place(list.position)
        if let first = places[list.name] {
            return reading.refuse(list.position, "\(list.name): found a second list of this name, first at \(first)")
        }
        places[list.name] = place
        names.insert(list.name)
        given.append(Given(draft: list, file: reading.file))
    }

    /// Finds the files that lists name, once all are read; files that none names are lists by their own names.
    mutating func resolve(_ reading: inout Reading) {
        var claimed: Set<String> = []
        for list in given {
            reading.file = list.file
            switch list.draft.source {
            case .terms(let terms): keep(terms, as: list.draft.name, &reading)
            case .file(let path):
                claimed.insert(path.value)
                if let file = files[path.value] {
                    keep(file.terms, as: list.draft.name, &reading)
                } else {
                    reading.refuse(
                        path.position,
                        "file: there is no file \(Wording.quoted(path.value))\(Wording.allowed(files.keys.sorted(), for: path.value))"
                    )
                }
            }
        }
        for (path, file) in files.sorted(by: { $0.key < $1.key }) where !claimed.contains(path) {
            if let first = places[file.name] {
                reading.refuse(
                    at: file.place,
                    "another list is called \(Wording.quoted(file.name)), at \(first); rename one"
                )
            } else if !RuleName.isName(file.name, with: "-_") {
                reading.refuse(
                    at: file.place,
                    "found \(Wording.quoted(file.name)) as the name of a list; allowed: a to z, 0 to 9, - and _"
                )
            } else {
                (places[file.name], reading.file) = (file.place, path)
                names.insert(file.name)
                keep(file.terms, as: file.name, &reading)
            }
        }
    }

    private mutating func keep(_ list: [String], as name: String, _ reading: inout Reading) {
        let (before, most) = (count, reading.limits.terms)
        count += list.count
        if count > most, before <= most, let place = places[name] {
            reading.refuse(at: place, "with this list there are more than \(most) terms, which is the limit")
        }
        if terms.count == reading.limits.lists, let place = places[name] {
            reading.refuse(at: place, "there are more than \(reading.limits.lists) lists, which is the limit")
        }
        terms[name] = TermList(name: name, terms: list)
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }
}
