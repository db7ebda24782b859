import CCurl
import Synchronization

/// One mail on its way, read and answered by libcurl's callbacks on the thread that performs it.
///
/// Only ``cancel()`` may be called from another thread.
final class SMTPTransfer: @unchecked Sendable {  // everything but the atomic flag belongs to the performing thread
    let mail: SMTPMail
    /// The server's last reply to anything but our leave.
    private(set) var reply: SMTPReply?
    private var position = 0
    private let cancelled = Atomic(false)

    init(_ mail: SMTPMail) { self.mail = mail }

    func cancel() { cancelled.store(true, ordering: .relaxed) }
    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    /// libcurl has all of it, and may have told the server that this was all.
    var isWholeMailRead: Bool { position == mail.message.count }

    /// Gives the next part of the message; 0 is its end.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, mail.message.count - position)
        buffer.copyBytes(from: mail.message[position..<position + count])
        position += count
        return count
    }

    /// After a refusal libcurl takes its leave: the answer to that (221) is not the one that counts.
    func receive(line bytes: UnsafeRawBufferPointer) {
        guard let reply = SMTPReply(line: String(decoding: bytes, as: UTF8.self)), reply.code != 221 else { return }
        self.reply = reply
    }

    static func from(_ context: UnsafeMutableRawPointer?) -> SMTPTransfer? {
        context.map { Unmanaged<SMTPTransfer>.fromOpaque($0).takeUnretainedValue() }
    }
}
