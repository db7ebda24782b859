/// Everything that is wrong with the configuration, so that one look is enough to repair it.
struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    struct Fault: Equatable, CustomStringConvertible {
        /// `environment`, or file, line and column.
        let place: String
        /// Holds no secret.
        let problem: String

        var description: String { "\(place): \(problem)" }
    }

    let faults: [Fault]

    var description: String {
        let count = faults.count == 1 ? "a fault" : "\(faults.count) faults"
        return "the configuration has \(count):\n" + faults.map { "  \($0)" }.joined(separator: "\n")
    }
}
