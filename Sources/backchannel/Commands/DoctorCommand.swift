import Blocking

/// `doctor`: what is wrong with a set-up, and what to do about it.
enum DoctorCommand {
    private static let json = CommandOption<Bool>.flag("json", "print JSON lines")

    static let command = Command(
        name: "doctor",
        summary: "check configuration, data folder, MongoDB and the running service, and say what to do",
        discussion: "Each line begins with ok, warn or fail; the exit code is 1 if any fails.",
        options: [json.form] + ServiceClient.forms,
        run: run
    )

    private static func run(_ arguments: ParsedArguments, _ context: CommandContext) async throws -> ExitCode {
        var worst = ExitCode.ok
        let isJSON = arguments[json]
        func tell(_ findings: [Finding]) {
            for finding in findings {
                context.print(isJSON ? finding.json : finding.line)
                if finding.level == .fail { worst = .failed }
            }
        }
        do throws(ConfigurationError) {
            _ = try context.configuration(for: .serving)
            tell([.ok("configuration", "complete")])
        } catch {
            tell(error.faults.map { .fail("configuration", "\($0.place): \($0.problem)") })
        }
        // What only 'serve' needs may be missing for the rest.
        guard let configuration = try? context.configuration(for: .asking) else { return worst }
        let service = ServiceClient(arguments, configuration)
        let isServed = await service.answers()
        tell(
            await CommandContext.thread.run { FolderCheck(configuration: configuration, isServed: isServed).findings() }
        )
        do throws(CommandFailure) {
            let location = try HistoryLocation(configuration)
            let check = MongoCheck(location: location, database: configuration.mongoDatabase)
            tell(await CommandContext.thread.run { check.findings() })
        } catch {
            tell([.fail("MongoDB", error.description)])
        }
        tell(await ServiceCheck(service: service).findings())
        return worst
    }
}
