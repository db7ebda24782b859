import API
import Foundation
import History
import Limits
import MongoDB

/// `export`: messages as JSON lines.
enum ExportCommand {
    private static let user = CommandOption<String?>.text("user", "ID", "only messages by this user")
    private static let listing = CommandOption<String?>.text("listing", "ID", "only messages about this listing")
    private static let channel = CommandOption<String?>.text("channel", "CID", "only messages of this channel, type:id")
    private static let deleted = CommandOption<String>.choice(
        "deleted",
        MessageQuery.Deleted.allCases.map(\.rawValue),
        default: MessageQuery.Deleted.include.rawValue,
        "deleted messages; erased ones come as tombstones"
    )
    private static let output = CommandOption<String?>.text(
        "output",
        "FILE",
        "write there, to a new file",
        standard: "standard output"
    )

    static let command = Command(
        name: "export",
        summary: "print all messages, or those of a user, listing or channel, as JSON lines",
        discussion: "Oldest first, each as the REST interface gives it. Memory does not grow with their number.",
        options: [user.form, listing.form, channel.form, deleted.form, output.form],
        run: run
    )

    private static func run(_ arguments: ParsedArguments, _ context: CommandContext) async throws -> ExitCode {
        var query = MessageQuery()
        (query.user, query.listing, query.channel) = (arguments[user], arguments[listing], arguments[channel])
        query.order = .oldest
        query.deleted = MessageQuery.Deleted(rawValue: arguments[deleted]) ?? .include
        let (wanted, path) = (query, arguments[output])
        let progress = ProgressBar.drawing(if: context.showsProgress && path != nil)
        let count = try await context.withHistory { store, configuration in
            let sink = try ExportSink(path)
            try AuditChain(limits: configuration.limits.audit).append([entry(wanted)], to: store)
            var written = 0
            var fault: CommandFailure?
            let count = try MessageExport(HistoryQueries(store, limits: configuration.limits.query)).run(wanted) {
                do throws(CommandFailure) { try sink.write(MessageJSON.lines($0)) } catch { fault = error }
                written += $0.count
                progress(written, nil)
                return fault == nil
            }
            if let fault { throw fault }
            try sink.finish()
            return count
        }
        if path != nil { context.complain("\(count) messages") }
        return .ok
    }
}

extension ExportCommand {
    /// Before the first message is read: what cannot be entered is not shown.
    private static func entry(_ query: MessageQuery) -> AuditEntry {
        let places = ["channel": query.channel, "listing": query.listing].compactMapValues(\.self)
        return .byCommand("message.export", of: .init("messages"), concerning: query.user, details: places)
    }
}

/// A file being written, or standard output.
private struct ExportSink {
    private let handle: FileHandle
    private let path: String?

    /// - Throws: ``CommandFailure`` when there is such a file already, or none can be made.
    init(_ path: String?) throws(CommandFailure) {
        self.path = path
        guard let path else {
            handle = .standardOutput
            return
        }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailure(
                "\(path): \(String(cString: strerror(errno))); name a new file in a folder that exists"
            )
        }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    func write(_ bytes: [UInt8]) throws(CommandFailure) {
        do { try handle.write(contentsOf: bytes) } catch { throw failure(error) }
    }

    func finish() throws(CommandFailure) {
        guard path != nil else { return }
        do { try handle.synchronize() } catch { throw failure(error) }
    }

    private func failure(_ error: any Error) -> CommandFailure {
        CommandFailure(
            "\(path ?? "standard output"): writing failed, \(error.localizedDescription); what is there is not all"
        )
    }
}
