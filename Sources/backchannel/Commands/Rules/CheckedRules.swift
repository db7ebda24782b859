import Chat
import Limits
import Notifications
import Rules

/// A folder of rules as it is on disk, with all that is wrong with it.
struct CheckedRules {
    let files: [RuleFile]
    /// `nil` where there is a fault.
    let engine: RuleEngine?
    let faults: [RuleFault]
    let warnings: [RuleWarning]

    /// Blocking.
    init(_ folder: String, _ configuration: Configuration) throws(CommandFailure) {
        let limits = configuration.limits.rules
        do throws(RuleFolderError) { files = try RuleFolder.files(at: folder, limits: limits) } catch {
            (files, engine, faults, warnings) = ([], nil, error.faults, [])
            return
        }
        let checks = RuleChecks.thorough(
            notifications: try configuration.notificationTemplates.names,
            limits: limits
        )
        let reading = RuleReader.read(files, limits: limits, checks: checks)
        let isEmpty = reading.set?.rules.isEmpty ?? false
        let nothing = RuleWarning(
            at: RulePlace(file: folder, line: 1, column: 1),
            "no rule: the folder holds no .yaml file with rules"
        )
        warnings = reading.warnings + (isEmpty ? [nothing] : [])
        guard let set = reading.set else {
            (engine, faults) = (nil, reading.faults)
            return
        }
        let settings = try configuration.ruleSettings
        do throws(PatternFault) {
            engine = try RuleEngine(set, settings: settings, limits: limits)
            faults = []
        } catch {
            engine = nil
            faults = [RuleFault(at: RulePlace(file: folder, line: 1, column: 1), error.description)]
        }
    }

    /// The rules, ready to judge.
    ///
    /// - Throws: ``CommandFailure`` with every fault.
    func usable() throws(CommandFailure) -> RuleEngine {
        guard let engine else {
            let count = faults.count == 1 ? "a fault" : "\(faults.count) faults"
            let lines = faults.map { "  \($0)" }.joined(separator: "\n")
            throw CommandFailure("the rules have \(count):\n\(lines)", exitCode: .configuration)
        }
        return engine
    }

    /// What was written at a place, with a caret below it; `nil` where there is no such line.
    func excerpt(at place: RulePlace) -> String? {
        guard let file = files.first(where: { $0.name == place.file }) else { return nil }
        return RuleExcerpt(file, at: place)?.description
    }
}

/// One line of a rule file and a mark below the column that is meant.
struct RuleExcerpt: CustomStringConvertible {
    /// Characters shown either side of the mark.
    private static let reach = 60

    let description: String

    /// `nil` where the file has no such line.
    init?(_ file: RuleFile, at place: RulePlace) {
        let lines = file.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.indices.contains(place.line - 1) else { return nil }
        let line = Array(String(decoding: lines[place.line - 1], as: UTF8.self).unicodeScalars.map(Self.shown))
        let mark = min(max(place.column - 1, 0), line.count)
        let start = max(0, mark - Self.reach)
        let part = line[start..<min(line.count, mark + Self.reach)]
        let number = "\(place.line)"
        let gutter = String(repeating: " ", count: number.count)
        let text = String(String.UnicodeScalarView(part))
        description = "  \(number) | \(text)\n  \(gutter) | \(String(repeating: " ", count: mark - start))^"
    }

    /// A terminal must not be steered by what a file holds; a tab is as wide as the mark below takes it to be.
    private static func shown(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if scalar == "\t" { return " " }
        return scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
            ? "\u{FFFD}" : scalar
    }
}

extension Configuration {
    /// The folder that a command is about.
    ///
    /// - Throws: ``UsageFault`` where neither the command line nor `RULES_DIR` names one.
    func ruleFolder(_ named: String?) throws(UsageFault) -> String {
        guard let folder = named ?? rules.folder else {
            throw UsageFault("no folder of rules; name one, or set RULES_DIR")
        }
        return folder
    }
}
