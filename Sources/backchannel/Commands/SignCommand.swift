import Crypto
import Foundation
import Limits

/// `sign FILE`: the `curl` that delivers a body as the provider would.
enum SignCommand {
    static let command = Command(
        name: "sign",
        summary: "print the curl that delivers a body, signed as the provider signs",
        discussion: "The signature is of the file's very bytes: a changed file needs a new one.",
        arguments: [CommandArgument(name: "FILE", summary: "a body, or a fixture's folder with body.json in it")],
        options: SigningOptions.forms,
        run: run
    )

    private static func run(_ arguments: ParsedArguments, _ context: CommandContext) async throws -> ExitCode {
        let choice = try SigningOptions.choose(arguments, context)
        let path = bodyPath(arguments.words[0])
        guard let body = FileManager.default.contents(atPath: path) else {
            throw CommandFailure("\(path): there is no such file, or it cannot be read; check the path")
        }
        let most = Limits.Replay().bodyBytes
        guard body.count <= most else {
            throw CommandFailure("\(path): \(body.count) bytes; a body has at most \(most)")
        }
        let signature = Hex.encode(HMACSHA256(key: choice.secret.revealed()).sign([UInt8](body)))
        context.print(curl(choice, path: path, signature: signature))
        return .ok
    }

    private static func curl(_ choice: SigningOptions.Choice, path: String, signature: String) -> String {
        let key = choice.key.map { ["-H \(quoted("X-Api-Key: \($0)"))"] } ?? []
        let lines =
            ["curl -i -X POST \(quoted(choice.endpoint.url))", "-H 'Content-Type: application/json'"] + key
            + ["-H 'X-Signature: \(signature)'", "--data-binary \(quoted("@\(path)"))"]
        return lines.joined(separator: " \\\n  ")
    }

    private static func bodyPath(_ path: String) -> String {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        return exists && isFolder.boolValue ? "\(path)/body.json" : path
    }

    /// One word for a POSIX shell, whatever is in it.
    static func quoted(_ text: String) -> String {
        "'\(text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#))'"
    }
}
