import Blocking
import Files
import JSON
import Limits
import Rules

/// `spam score`: what a model makes of a text, and why.
enum SpamScoreCommand {
    private static let text = CommandOption<String?>.text("text", "TEXT", "the text; needed")
    private static let model = CommandOption<String?>.text("model", "FILE", "the model; needed")
    private static let json = CommandOption<Bool>.flag("json", "print JSON")

    static let command = Command(
        name: "spam score",
        summary: "tell how likely a text is spam, and what in it says so",
        options: [text.form, model.form, json.form],
        run: run
    )

    private static func run(_ arguments: ParsedArguments, _ world: CommandContext) async throws -> ExitCode {
        guard let text = arguments[text], let path = arguments[model] else {
            throw UsageFault("'spam score' needs --text TEXT and --model FILE")
        }
        let (model, score, reasons) = try await CommandContext.thread.run { () throws(CommandFailure) in
            let model = try SpamModelFiles.read(path)
            let extractor = SpamExtractor()
            extractor.extract(text)
            return (model, model.score(extractor), model.reasons(extractor))
        }
        if arguments[json] {
            world.print(Self.json(model, score, reasons))
        } else {
            world.print("probability \(SpamNumbers.number(score.probability, 3)): \(score.advice.rawValue)")
            switch score.familiarity {
            case .familiar: break
            case .foreign:
                world.print("in another language than the model knows: it may hold this text, and never block it")
            case .unknown:
                world.print("too short to tell the language: the model may hold this text, and never block it")
            }
            for reason in reasons {
                let sign = reason.weight > 0 ? "+" : "-"
                world.print(
                    "  \(sign)\(SpamNumbers.number(abs(reason.weight), 2))  \(Explanation.printable(reason.words))"
                )
            }
        }
        return .ok
    }

    private static func json(_ model: SpamModel, _ score: SpamScore, _ reasons: [SpamReason]) -> String {
        var writer = JSONWriter()
        writer.object {
            $0.field("model", model.version)
            $0.field("probability", score.probability)
            $0.field("advice", score.advice.rawValue)
            $0.field("language", score.familiarity.rawValue)
            $0.field("reasons") { array in
                array.array {
                    for reason in reasons {
                        $0.object {
                            $0.field("words", reason.words)
                            $0.field("weight", reason.weight)
                        }
                    }
                }
            }
        }
        return writer.text
    }
}

/// Models on disk.
enum SpamModelFiles {
    /// - Throws: ``CommandFailure`` where it cannot be read or is refused.
    ///
    /// - Parameter setting: where the path comes from, for whoever has to change it.
    static func read(
        _ path: String,
        _ limits: Limits.Spam = Limits.Spam(),
        setting: String? = nil
    ) throws(CommandFailure) -> SpamModel {
        let place = setting.map { "\($0): \(path)" } ?? path
        let bytes: [UInt8]
        do throws(FolderReader.Unreadable) {
            bytes = try FolderReader.bytes(of: path, most: limits.modelBytes)
        } catch {
            throw CommandFailure("\(place): \(error.problem)", exitCode: .configuration)
        }
        do throws(SpamModelFault) { return try SpamModel(bytes) } catch {
            throw CommandFailure("\(place): \(error)", exitCode: .configuration)
        }
    }
}

/// Numbers as the commands print them.
enum SpamNumbers {
    static func number(_ value: Double, _ digits: Int) -> String {
        var scale = 1
        for _ in 0..<digits { scale *= 10 }
        let rounded = Int((abs(value) * Double(scale)).rounded())
        let fraction = String(rounded % scale)
        let zeros = String(repeating: "0", count: digits - fraction.count)
        return "\(value < 0 && rounded > 0 ? "-" : "")\(rounded / scale).\(zeros)\(fraction)"
    }

    static func percent(_ share: Double) -> String { number(share * 100, 2) + " %" }
}
