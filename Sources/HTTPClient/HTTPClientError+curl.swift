import CCurl

extension HTTPClientError {
    init(_ code: CURLcode, _ request: HTTPClientRequest, detail: String) {
        let reason = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
        switch code {
        // libcurl says so, too, when an answer does not begin as one of HTTP.
        case CURLE_UNSUPPORTED_PROTOCOL where request.url.hasPrefix("http://") || request.url.hasPrefix("https://"):
            self.init(.malformed, request, "\(reason). The other side does not speak HTTP as expected.")
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT, CURLE_GOT_NOTHING,
            CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE, CURLE_SEND_FAIL_REWIND:
            self.init(.unreachable, request, "\(reason). Check that the service runs and the address is right.")
        case CURLE_OPERATION_TIMEDOUT:
            self.init(.timedOut, request, "\(reason). The service may be overloaded; a retry may help.")
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_USE_SSL_FAILED:
            self.init(.untrusted, request, "\(reason). Check the certificate and that the host's name matches it.")
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_TOO_MANY_REDIRECTS:
            self.init(.invalidRequest, request, "\(reason). Give an http:// or https:// address.")
        case CURLE_ABORTED_BY_CALLBACK: self.init(.cancelled, request, "cancelled")
        default: self.init(.malformed, request, "\(reason). The other side does not speak HTTP as expected.")
        }
    }
}
