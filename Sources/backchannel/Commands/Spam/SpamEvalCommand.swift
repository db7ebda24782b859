import Blocking
import Files
import JSON
import Limits
import Rules

/// `spam eval`: the reference protocol on a labelled file.
enum SpamEvalCommand {
    private static let trainRows = CommandOption<Int>.integer(
        "train-rows",
        1...Int(Int32.max),
        default: 1_674,
        "so many texts from the beginning are learned from, the rest is scored"
    )
    private static let evasion = CommandOption<String?>.text(
        "evasion",
        "FOLDER",
        "score the disguised spam of its *.jsonl files as well: { \"row\": 1674, \"text\": \"…\" } a line"
    )
    private static let scores = CommandOption<String?>.text(
        "scores",
        "FILE",
        "write every score there: a line of JSON each"
    )

    static let command = Command(
        name: "spam eval",
        summary: "hold spam models against labelled texts and print how good they are",
        discussion: """
            Everything is chosen on the part that is learned from. Prints the division by --train-rows with its operating
            points, a cross-validation over all texts, two passes that learn as they go, and what becomes of spam whose
            words are disguised.
            """,
        arguments: [CommandArgument(name: "FILE", summary: SpamTrainCommand.files.summary)],
        options: [trainRows.form, evasion.form, scores.form, SpamTrainCommand.seed.form],
        run: run
    )

    private static func run(_ arguments: ParsedArguments, _ world: CommandContext) async throws -> ExitCode {
        let limits = Limits().spam
        let seed = UInt64(arguments[SpamTrainCommand.seed])
        let folder = arguments[evasion]
        let (words, rows) = (arguments.words, arguments[trainRows])
        let bar = ProgressBar.drawingShare(if: world.showsProgress)
        let outcome = try await CommandContext.thread.run { () throws(CommandFailure) in
            let texts = try LabelledTexts.read(words, limits)
            guard texts.count > rows else {
                throw CommandFailure("\(texts.count) texts; with --train-rows \(rows) none is left to score")
            }
            let disguised = try folder.map { path throws(CommandFailure) in try Self.disguised(path, limits) } ?? []
            do throws(SpamTrainingError) {
                return try SpamEvaluation(trainRows: rows, seed: seed).run(texts, disguised: disguised, progress: bar)
            } catch {
                throw CommandFailure("among the texts learned from, \(error)", exitCode: .configuration)
            }
        }
        bar(1, "")
        if let path = arguments[scores] { try FileBytes.write(Array(Self.lines(outcome).utf8), to: path) }
        for line in SpamEvaluationText(outcome, seed: seed).lines { world.print(line) }
        return .ok
    }

    /// Every file of the folder is a kind, named by the file.
    private static func disguised(_ path: String, _ limits: Limits.Spam) throws(CommandFailure) -> [SpamEvaluation
        .Disguised]
    {
        let names = (FolderReader.names(in: path) ?? []).filter { $0.hasSuffix(".jsonl") }
        guard !names.isEmpty else { throw CommandFailure("\(path): no *.jsonl file that can be read is there") }
        var kinds: [SpamEvaluation.Disguised] = []
        for name in names {
            let bytes = try FileBytes.read("\(path)/\(name)", most: limits.labelledBytes)
            var texts: [(row: Int, text: String)] = []
            for (number, line) in bytes.split(separator: 0x0A).enumerated() {
                guard let value = try? JSONParser().parse(Array(line)), let row = value["row"]?.int64,
                    let text = value["text"]?.string
                else { throw CommandFailure("\(path)/\(name): line \(number + 1): no object with 'row' and 'text'") }
                texts.append((Int(row), text))
            }
            kinds.append(SpamEvaluation.Disguised(kind: String(name.dropLast(6)), texts: texts))
        }
        return kinds
    }

    /// A line for each score, from which everything printed can be computed again.
    private static func lines(_ outcome: SpamEvaluation.Outcome) -> String {
        var text = ""
        let parts = [outcome.split, outcome.crossValidation] + outcome.online + outcome.evasion + outcome.evasionGiven
        for part in parts {
            for (index, row) in part.rows.enumerated() {
                var writer = JSONWriter()
                writer.object {
                    $0.field("part", part.name)
                    $0.field("row", row)
                    $0.field("spam", part.metrics.isSpam[index])
                    $0.field("score", part.metrics.scores[index])
                }
                text += writer.text + "\n"
            }
        }
        return text
    }
}
