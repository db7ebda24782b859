import History

/// `indexes`: what the database has against what this version wants.
enum IndexesCommand {
    private static let create = CommandOption<Bool>.flag("create", "create the missing ones, and wait until they are")

    static let command = Command(
        name: "indexes",
        summary: "print indexes that are missing or not ours",
        discussion: "'serve' creates missing indexes at its start; indexes that are not ours are left alone.",
        options: [create.form],
        run: run
    )

    private static func run(_ arguments: ParsedArguments, _ context: CommandContext) async throws -> ExitCode {
        let creates = arguments[create]
        let difference = try await context.withHistory { store, _ in
            if creates { try store.createMissingIndexes() }
            return try store.indexDifference()
        }
        for index in difference.missing { context.print("missing: \(index.collection.rawValue) \(index.name)") }
        for (collection, name) in difference.unknown { context.print("not ours: \(collection.rawValue) \(name)") }
        if difference.isEmpty { context.print("all indexes are there") }
        return difference.missing.isEmpty ? .ok : .differences
    }
}
