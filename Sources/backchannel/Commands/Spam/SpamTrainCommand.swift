import Blocking
import Limits
import Rules

/// `spam train`: a model of labelled texts.
enum SpamTrainCommand {
    static let files = CommandArgument(
        name: "FILE…",
        summary: "labelled text: a line each, 'spam' or 'ham', a tab, the text",
        isRepeatable: true
    )
    static let seed = CommandOption<Int>.integer(
        "seed",
        0...Int.max,
        default: 1,
        "decides what is chance; the same seed and texts make the same model"
    )
    private static let out = CommandOption<String>.text(
        "out",
        "FILE",
        default: "spam.model",
        "where the model is written; one that is there is replaced"
    )
    private static let noise = CommandOption<Bool>.flag(
        "noisy",
        "more than 3 of 100 labels may be wrong: trust single texts less"
    )

    static let command = Command(
        name: "spam train",
        summary: "make a spam model of labelled texts",
        discussion: """
            Lines that cannot be read are all told, with their numbers, and nothing is made. What is printed beside the
            model's version comes of texts that were set aside: how good it will be on texts like these.
            """,
        arguments: [files],
        options: [out.form, seed.form, noise.form],
        run: run
    )

    private static func run(_ arguments: ParsedArguments, _ world: CommandContext) async throws -> ExitCode {
        let limits = Limits().spam
        let outcome = try await CommandContext.thread.run { () throws(CommandFailure) in
            let texts = try LabelledTexts.read(arguments.words, limits)
            var training = SpamTraining(seed: UInt64(arguments[seed]), limits: limits)
            if arguments[noise] { training.cost = 0.1 }
            do throws(SpamTrainingError) { return try training.outcome(of: texts) } catch {
                throw CommandFailure(error.description, exitCode: .configuration)
            }
        }
        try FileBytes.write(outcome.model.bytes, to: arguments[out])
        let (held, blocked) = (outcome.outOfFold.counts(atLeast: 0.2), outcome.outOfFold.counts(atLeast: 0.9))
        world.print("\(arguments[out]): model \(outcome.model.version.prefix(12)), \(outcome.model.bytes.count) bytes")
        world.print("learned from \(outcome.model.spam) spam and \(outcome.model.ham) others")
        world.print(
            "on texts set aside, of the spam \(SpamNumbers.percent(blocked.spamCaught)) is at 0.9 or above, of the others \(SpamNumbers.percent(blocked.hamBlocked));"
        )
        world.print(
            "at 0.2 or above are \(SpamNumbers.percent(held.spamCaught)) and \(SpamNumbers.percent(held.hamBlocked))"
        )
        return .ok
    }
}
