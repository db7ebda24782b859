import CCurl
import Limits

/// Sends mails over one libcurl handle, by one thread at a time; its connection is kept for the next mail.
final class SMTPHandle: Sendable {
    private let easy: EasyHandle
    private var pointer: UnsafeMutableRawPointer { easy.pointer }

    /// `nil` when libcurl has no memory or cannot be initialised.
    init?() {
        guard let easy = EasyHandle() else { return nil }
        self.easy = easy
    }

    /// Sends the mail, blocking the calling thread for at most its time-out.
    func perform(_ transfer: SMTPTransfer, _ server: SMTPServer, _ limits: Limits.SMTP) throws(SMTPError) -> SMTPReply {
        easy.reset()
        guard let recipients = recipientList(transfer.mail) else {
            throw SMTPError(.temporary, server, "no memory left for the recipients")
        }
        defer { curl_slist_free_all(recipients) }
        connect(to: server, limits)
        curl_set_string(pointer, CURLOPT_MAIL_FROM, transfer.mail.sender)
        curl_set_list(pointer, CURLOPT_MAIL_RCPT, recipients)
        let code = run(transfer)
        guard code == CURLE_OK, let reply = transfer.reply else { throw SMTPError(code, server, transfer) }
        return reply
    }

    private func connect(to server: SMTPServer, _ limits: Limits.SMTP) {
        curl_set_string(pointer, CURLOPT_URL, server.address)
        curl_set_string(pointer, CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        curl_set_long(pointer, CURLOPT_USE_SSL, server.encryption)
        if let file = server.authorityFile { curl_set_string(pointer, CURLOPT_CAINFO, file) }
        if let user = server.user, let password = server.password {
            curl_set_string(pointer, CURLOPT_USERNAME, user)
            curl_set_string(pointer, CURLOPT_PASSWORD, password)
        }
        curl_set_long(pointer, CURLOPT_CONNECTTIMEOUT_MS, limits.connectMilliseconds)
        curl_set_long(pointer, CURLOPT_TIMEOUT_MS, limits.mailMilliseconds)
        curl_set_long(pointer, CURLOPT_SERVER_RESPONSE_TIMEOUT, limits.replySeconds)
    }

    private func run(_ transfer: SMTPTransfer) -> CURLcode {
        // libcurl holds the pointers until `curl_easy_perform` returns; `transfer` lives longer.
        let context = Unmanaged.passUnretained(transfer).toOpaque()
        curl_set_long(pointer, CURLOPT_UPLOAD, 1)
        curl_set_offset(pointer, CURLOPT_INFILESIZE_LARGE, curl_off_t(transfer.mail.message.count))
        curl_set_pointer(pointer, CURLOPT_READDATA, context)
        curl_set_receiver(pointer, CURLOPT_READFUNCTION) { bytes, size, count, context in
            SMTPTransfer.from(context)?.read(into: UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
                ?? 0
        }
        curl_set_pointer(pointer, CURLOPT_HEADERDATA, context)
        curl_set_receiver(pointer, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            SMTPTransfer.from(context)?.receive(line: UnsafeRawBufferPointer(start: bytes, count: size * count))
            return size * count
        }
        curl_set_receiver(pointer, CURLOPT_WRITEFUNCTION) { _, size, count, _ in size * count }  // else standard output
        curl_set_long(pointer, CURLOPT_NOPROGRESS, 0)
        curl_set_pointer(pointer, CURLOPT_XFERINFODATA, context)
        curl_set_progress(pointer) { context, _, _, _, _ in SMTPTransfer.from(context)?.isCancelled == true ? 1 : 0 }
        return withExtendedLifetime(transfer) { easy.perform() }
    }

    private func recipientList(_ mail: SMTPMail) -> UnsafeMutablePointer<curl_slist>? {
        var list: UnsafeMutablePointer<curl_slist>?
        for recipient in mail.recipients {
            guard let longer = curl_slist_append(list, recipient) else {
                curl_slist_free_all(list)
                return nil
            }
            list = longer
        }
        return list
    }
}

extension SMTPServer {
    /// libcurl's `CURLUSESSL_…`.
    fileprivate var encryption: Int {
        switch startTLS {
        case .required: Int(CURLUSESSL_ALL.rawValue)
        case .optional: Int(CURLUSESSL_TRY.rawValue)
        case .off: Int(CURLUSESSL_NONE.rawValue)
        }
    }
}
