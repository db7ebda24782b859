import CCurl

extension SMTPError {
    /// - Parameter transfer: what the server said decides, and only without it what libcurl makes of it.
    init(_ code: CURLcode, _ server: SMTPServer, _ transfer: SMTPTransfer) {
        if let reply = transfer.reply, reply.isTemporary || reply.isPermanent {
            self.init(reply, server)
            return
        }
        let reason = String(cString: curl_easy_strerror(code))
        switch code {
        case CURLE_ABORTED_BY_CALLBACK:
            self.init(.cancelled, server, "cancelled", mayHaveBeenSent: transfer.isWholeMailRead)
        case CURLE_LOGIN_DENIED:
            self.init(.misconfigured, server, "the server takes no way of authentication that we know. Check the port.")
        case CURLE_USE_SSL_FAILED:
            let advice = "Use smtps://, another port, or starttls=off where the network is trusted."
            self.init(.misconfigured, server, "the server does not offer STARTTLS. \(advice)")
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_CIPHER:
            let advice =
                "Check that the name is the certificate's and, for an authority of your own, name its file by ca=FILE."
            self.init(.misconfigured, server, "\(reason). \(advice)")
        case CURLE_SSL_CONNECT_ERROR:
            self.init(.temporary, server, "\(reason). If it stays so, check smtp:// or smtps:// and the port.")
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_FAILED_INIT:
            self.init(.misconfigured, server, "\(reason). Check SMTP_URL.")
        default:
            self.init(
                .temporary,
                server,
                "\(reason). Check that the server runs and host and port are right.",
                mayHaveBeenSent: transfer.isWholeMailRead
            )
        }
    }

    private init(_ reply: SMTPReply, _ server: SMTPServer) {
        if reply.isTemporary {
            self.init(.temporary, server, "the server answered \(reply): it asks to come again", reply: reply)
        } else if reply.refusesAuthentication {
            let advice = "Check user and password, and that the account may send."
            self.init(
                .misconfigured,
                server,
                "the server answered \(reply): authentication failed. \(advice)",
                reply: reply
            )
        } else {
            let advice = "Look the code up; sending it again will not help."
            self.init(
                .refused,
                server,
                "the server answered \(reply): it does not take this mail. \(advice)",
                reply: reply
            )
        }
    }
}
