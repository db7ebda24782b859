import Blocking
import JSON
import Limits
import Rules

/// `spam bench`: how long a model takes to score and to be made anew, in one thread.
enum SpamBenchCommand {
    private static let rounds = CommandOption<Int>.integer(
        "rounds",
        1...1_000,
        default: 5,
        "times that all texts are scored, after one that warms up"
    )
    private static let json = CommandOption<Bool>.flag("json", "print JSON")

    static let command = Command(
        name: "spam bench",
        summary: "measure how long scoring a text and making a model anew take",
        discussion:
            "Makes a model of the texts, as the service does when verdicts have come, and scores each of them with it.",
        arguments: [SpamTrainCommand.files],
        options: [rounds.form, json.form],
        run: run
    )

    private static func run(_ arguments: ParsedArguments, _ world: CommandContext) async throws -> ExitCode {
        let limits = Limits().spam
        let figures = try await CommandContext.thread.run { () throws(CommandFailure) in
            let texts = try LabelledTexts.read(arguments.words, limits)
            let start = ContinuousClock.now
            let model: SpamModel
            do throws(SpamTrainingError) { model = try SpamTraining.refit(limits).outcome(of: texts).model } catch {
                throw CommandFailure(error.description, exitCode: .configuration)
            }
            let learning = ContinuousClock.now - start
            return Figures(
                texts: texts.count,
                learning: learning,
                bytes: model.bytes.count,
                score: timings(of: model, texts, rounds: arguments[rounds])
            )
        }
        world.print(arguments[json] ? figures.json : figures.text)
        return .ok
    }

    private static func timings(of model: SpamModel, _ texts: [LabelledText], rounds: Int) -> Timings {
        let extractor = SpamExtractor()
        var times: [Int64] = []
        times.reserveCapacity(texts.count * rounds)
        for round in 0...rounds {
            for text in texts {
                let start = ContinuousClock.now
                extractor.extract(text.text)
                _ = model.score(extractor)
                let time = ContinuousClock.now - start
                if round > 0 { times.append(time.nanoseconds) }
            }
        }
        return Timings(times)
    }

    private struct Figures {
        let texts: Int
        let learning: Duration
        let bytes: Int
        let score: Timings

        var text: String {
            """
            learning from \(texts) texts: \(learning.shownMilliseconds) ms, a model of \(bytes) bytes
            scoring a text: \(score.text)
            """
        }

        var json: String {
            var writer = JSONWriter()
            writer.object {
                $0.field("texts", texts)
                $0.field("learn_ms", learning.shownMilliseconds)
                $0.field("model_bytes", bytes)
                score.write(to: &$0)
            }
            return writer.text
        }
    }
}
