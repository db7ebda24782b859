/// What a command's result means to a script.
enum ExitCode: Int32, CaseIterable, Sendable {
    case ok = 0
    case failed = 1
    case usage = 2
    case configuration = 3
    case unreachable = 4
    case differences = 5

    var summary: String {
        switch self {
        case .ok: "done"
        case .failed: "the command failed; the message says why"
        case .usage: "the command line is wrong"
        case .configuration: "the configuration is wrong; every fault is listed"
        case .unreachable: "the service, MongoDB or the provider cannot be reached"
        case .differences: "a check found differences"
        }
    }
}
