import Crypto
package import Limits

/// Reads what a team decides from its files.
package enum RuleReader {
    /// Reads every file of a folder, whatever is wrong with the others.
    ///
    /// Pure. `*.yaml` are rules, `lists/NAME.txt` terms (one a line, `#` begins a comment line), `templates/NAME.txt` texts.
    ///
    /// - Parameters:
    ///   - files: in any order, by their names within the folder.
    ///   - checks: what RE2, the folding of texts and the templates of notifications say.
    /// - Returns: the set, `nil` where there is a fault; every fault and warning, by file, line and column; after
    ///   `limits.faults` faults the rest is not looked at.
    package static func read(
        _ files: [RuleFile],
        limits: Limits.Rules = Limits.Rules(),
        checks: RuleChecks = RuleChecks()
    ) -> (set: RuleSet?, faults: [RuleFault], warnings: [RuleWarning]) {
        var reader = RuleSetReader(limits: limits, checks: checks)
        let set = reader.read(files.sorted { $0.name < $1.name })
        let (faults, warnings) = reader.findings
        return (faults.isEmpty ? set : nil, faults, warnings)
    }

    /// The version of a set of files: SHA-256 over their names and bytes, in lower-case hex.
    package static func version(of files: [RuleFile]) -> String {
        var bytes: [UInt8] = []
        for file in files.sorted(by: { $0.name < $1.name }) {
            // A name ends at the zero byte, which none holds, and what follows it has always 32 bytes: nothing can be moved over.
            bytes += Array(file.name.utf8) + [0] + SHA256.digest(file.bytes)
        }
        return Hex.encode(SHA256.digest(bytes))
    }
}
