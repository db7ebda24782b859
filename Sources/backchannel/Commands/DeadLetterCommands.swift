import JSON

/// `dead-letters list|show|retry`, through the running service.
enum DeadLetterCommands {
    private static let json = CommandOption<Bool>.flag("json", "print JSON")
    private static let all = CommandOption<Bool>.flag("all", "retry every one")
    private static let path = "/api/v1/dead-letters"
    private static let pageRows = 200

    static let list = Command(
        name: "dead-letters list",
        summary: "print the events that could not be read or stored, latest first",
        options: [json.form] + ServiceClient.forms
    ) { arguments, context in
        let isJSON = arguments[json]
        try await forEach(arguments, context) { letter in
            context.print(isJSON ? letter.serialized() : text(letter))
        }
        return .ok
    }

    static let show = Command(
        name: "dead-letters show",
        summary: "print one of them with its body",
        arguments: [CommandArgument(name: "ID", summary: "64 hexadecimal digits")],
        options: [json.form] + ServiceClient.forms
    ) { arguments, context in
        let service = ServiceClient(arguments, try context.configuration(for: .asking))
        let body = try await service.send("GET", "\(path)/\(ServiceClient.escaped(arguments.words[0]))")
        if arguments[json] {
            context.print(String(decoding: body, as: UTF8.self))
        } else {
            let letter = try JSONParser().parse(body)
            context.print(text(letter))
            context.print(letter["text"]?.string ?? "a body that is not UTF-8; --json gives it in Base64")
        }
        return .ok
    }

    static let retry = Command(
        name: "dead-letters retry",
        summary: "put one of them, or all, into the queue again",
        discussion: "One that fails again is listed again.",
        arguments: [CommandArgument(name: "ID", summary: "64 hexadecimal digits", isRequired: false)],
        options: [all.form] + ServiceClient.forms
    ) { arguments, context in
        let service = ServiceClient(arguments, try context.configuration(for: .asking))
        var ids = arguments.words
        guard ids.isEmpty == arguments[all] else { throw UsageFault("give ID, or --all") }
        if arguments[all] { try await forEach(arguments, context) { $0["_id"]?.string.map { ids.append($0) } } }
        for id in ids {
            _ = try await service.send("POST", "\(path)/\(ServiceClient.escaped(id))/retry")
            context.print("queued \(id)")
        }
        return .ok
    }

    /// Page after page.
    private static func forEach(
        _ arguments: ParsedArguments,
        _ context: CommandContext,
        _ body: (JSONValue) -> Void
    ) async throws {
        let service = ServiceClient(arguments, try context.configuration(for: .asking))
        var cursor: String?
        repeat {
            let more = cursor.map { "&cursor=\(ServiceClient.escaped($0))" } ?? ""
            let answer = try await service.send("GET", "\(path)?limit=\(pageRows)\(more)")
            let page = try JSONParser().parse(answer)
            if let letters = page["data"]?.array { for letter in letters { body(letter) } }
            cursor = page["next"]?.string
        } while cursor != nil
    }

    private static func text(_ letter: JSONValue) -> String {
        ["_id", "at", "type", "reason"].compactMap { letter[$0]?.string }.joined(separator: "  ")
    }
}
