import Blocking
import Chat
import Foundation
import JSON
import Limits
import Randomness
import Rules

/// `rules bench`: how long judging takes, in one thread, without anything being asked or stored.
enum RulesBenchCommand {
    private static let messages = CommandOption<Int>.integer(
        "messages",
        100...1_000_000,
        default: 5_000,
        "messages judged"
    )
    private static let rounds = CommandOption<Int>.integer(
        "rounds",
        1...1_000,
        default: 5,
        "times that all are judged, after one that warms up"
    )
    private static let texts = CommandOption<String?>.text("texts", "FILE", "a text a line, instead of generated ones")
    private static let seed = CommandOption<Int>.integer("seed", 0...Int.max, default: 1, "decides what is generated")
    private static let json = CommandOption<Bool>.flag("json", "print JSON")

    static let command = Command(
        name: "rules bench",
        summary: "measure how long the rules of a folder take for a message",
        discussion: """
            Looks at messages and decides about them in one thread, with every fact missing. Decoding is not counted,
            since storing needs it anyway.
            """,
        arguments: [RulesCheckCommand.folder],
        options: [messages.form, rounds.form, texts.form, seed.form, json.form],
        run: run
    )

    private static func run(_ arguments: ParsedArguments, _ world: CommandContext) async throws -> ExitCode {
        let configuration = try world.configuration(for: .asking)
        let path = try configuration.ruleFolder(arguments.words.first)
        let lines = try arguments[texts].map(Self.lines)
        let figures = try await CommandContext.thread.run { () throws(CommandFailure) in
            let before = Self.residentBytes
            let start = ContinuousClock.now
            let engine = try CheckedRules(path, configuration).usable()
            let loading = ContinuousClock.now - start
            var figures = RuleBench(engine, seed: UInt64(arguments[seed])).run(
                messages: arguments[messages],
                rounds: arguments[rounds],
                texts: lines
            )
            figures.loading = loading
            figures.memory = max(0, Self.residentBytes - before)
            return figures
        }
        world.print(arguments[json] ? figures.json : figures.text)
        return .ok
    }

    private static func lines(of path: String) throws -> [String] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure("\(path): cannot be read; name a file with a text a line")
        }
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
        guard !lines.isEmpty else { throw CommandFailure("\(path): no line") }
        return lines
    }

    /// What the process holds in memory.
    ///
    /// Source: proc_pid_statm(5).
    private static var residentBytes: Int {
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
    }
}

/// Judges messages over and over, with a clock.
struct RuleBench {
    struct Figures {
        var rules = 0
        var terms = 0
        var timings = Timings()
        var fired = 0.0
        var loading = Duration.zero
        /// Bytes that the rules and their judging took, about.
        var memory = 0

        var text: String {
            """
            \(rules) rules, \(terms) terms in lists
            reading and making ready: \(loading.shownMilliseconds) ms
            a message: \(timings.text)
            a rule fires on \(Int((fired * 1_000).rounded())) of 1,000 messages
            memory: \(memory / 1_048_576) MB
            """
        }

        var json: String {
            var writer = JSONWriter()
            writer.object {
                $0.field("rules", rules)
                $0.field("terms", terms)
                $0.field("load_ms", loading.shownMilliseconds)
                timings.write(to: &$0)
                $0.field("fired", fired)
                $0.field("memory_mb", Double(memory) / 1_048_576)
            }
            return writer.text
        }
    }

    private let engine: RuleEngine
    private let seed: UInt64

    init(_ engine: RuleEngine, seed: UInt64) { (self.engine, self.seed) = (engine, seed) }

    func run(messages count: Int, rounds: Int, texts: [String]?) -> Figures {
        var random = SplitMix(seed: seed)
        let bodies = (0..<count).map { number in
            Self.body(number, texts.map { $0[number % $0.count] } ?? Self.text(&random))
        }
        let (provider, examiner) = (StreamProvider(), Examiner(engine))
        var times: [Int64] = []
        times.reserveCapacity(count * rounds)
        var fired = 0
        for round in 0...rounds {
            for (number, body) in bodies.enumerated() {
                let decoded = try? provider.decoded(
                    body,
                    id: EventID(bytes: []),
                    receivedAt: Timestamp(milliseconds: 0),
                    parser: JSONParser()
                )
                guard let (event, value) = decoded else { continue }
                let start = ContinuousClock.now
                let decision = examiner.observe(event, value)?.decide { _ in .missing }
                let time = ContinuousClock.now - start
                guard round > 0 else { continue }
                times.append(time.nanoseconds)
                if decision != nil, round == 1 { fired += 1 }
                _ = number
            }
        }
        var figures = Figures()
        figures.rules = engine.ruleSet.rules.count
        figures.terms = engine.ruleSet.lists.values.reduce(0) { $0 + $1.terms.count }
        figures.timings = Timings(times)
        figures.fired = Double(fired) / Double(count)
        return figures
    }

    private static func body(_ number: Int, _ text: String) -> [UInt8] {
        let time = Timestamp(milliseconds: 1_767_787_200_000 + Int64(number) * 1_000).rfc3339
        var writer = JSONWriter()
        writer.object { event in
            event.field("type", RuleEvent.messageNew.rawValue)
            event.field("cid", "messaging:listing_\(number % 500)_\(number % 700)_\(number % 300)")
            event.field("created_at", time)
            event.field("message") { message in
                message.object {
                    $0.field("id", "bench-\(number)")
                    $0.field("text", text)
                    $0.field("created_at", time)
                    $0.field("user") { $0.object { $0.field("id", "user-\(number % 700)") } }
                }
            }
        }
        return Array(writer.text.utf8)
    }

    /// Ordinary chat of 3 to 40 words; now and then with a sum, a link, capitals or a disguise.
    private static func text(_ random: inout SplitMix) -> String {
        let count = 3 + Int(random.next() % 38)
        var words = (0..<count).map { _ in vocabulary[Int(random.next() % UInt64(vocabulary.count))] }
        let place = Int(random.next() % UInt64(count))
        switch random.next() % 20 {
        case 0: words[place] = "https://shop\(random.next() % 1_000).example.com/item"
        case 1: words[place] = "$\(random.next() % 500)"
        case 2: words[place] = words[place].uppercased()
        case 3: words[place] = "f r е e"
        case 4: words[place] += "!!! 😀"
        default: break
        }
        return words.joined(separator: " ")
    }

    private static let vocabulary = """
        the a is it this still available price can you we meet today tomorrow evening please thanks hello hi yes no \
        maybe how much for shipping pick up near station bike chair table lamp phone camera good condition small \
        scratch photo more send address later work home free weekend cash card offer lower deal sold reserved \
        interested question about size colour black white red blue box original receipt warranty months used new like great morning afternoon see
        """.split(separator: " ").map(String.init)
}
