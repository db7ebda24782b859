import Foundation
import Glibc

@main
enum Backchannel {
    /// Every command, in the order that `help` lists them.
    static let commands = CommandTable(commands: [
        ServeCommand.command,
        ConnectCommand.command,
        BackfillCommand.command,
        ReplayCommand.command,
        SignCommand.command,
        TailCommand.command,
        DoctorCommand.command,
        VerifyCommand.command,
        RebuildCommand.command,
        IndexesCommand.command,
        ExportCommand.command,
        EraseCommand.command,
        AuditListCommand.command,
        AuditVerifyCommand.command,
        SyncCommands.users,
        RulesCheckCommand.command,
        RulesTestCommand.command,
        RulesExplainCommand.command,
        RulesBacktestCommand.command,
        RulesBenchCommand.command,
        SpamTrainCommand.command,
        SpamEvalCommand.command,
        SpamScoreCommand.command,
        SpamBenchCommand.command,
        DeadLetterCommands.list,
        DeadLetterCommands.show,
        DeadLetterCommands.retry,
        KeyCommands.create,
        KeyCommands.list,
        KeyCommands.revoke,
    ])

    static func main() async {
        let words = Array(ProcessInfo.processInfo.arguments.dropFirst())
        let code = await commands.run(words, .process())
        // All that is to last is on disk. Threads of pools and libraries still run: what exit(3) takes down of OpenSSL, libcurl and
        // C++ would be taken from under them.
        fflush(nil)
        _exit(code.rawValue)
    }
}
