import CCurl
import Glibc
import Limits

/// Performs HTTP requests over one libcurl handle, by one thread at a time.
final class CurlHandle: Sendable {
    private let easy: EasyHandle
    private var pointer: UnsafeMutableRawPointer { easy.pointer }

    /// `nil` when libcurl has no memory or cannot be initialised.
    init?() {
        guard let easy = EasyHandle() else { return nil }
        self.easy = easy
    }

    /// Performs the request, blocking the calling thread for at most its time-out.
    func perform(_ transfer: Transfer) throws(HTTPClientError) -> HTTPClientResponse {
        let request = transfer.request
        try request.checked()
        easy.reset()
        let list = try headerList(request)
        defer { curl_slist_free_all(list) }
        let code = request.body.withUnsafeBytes { body in
            configure(request, transfer.limits, list, body)
            return run(transfer)
        }
        return try response(to: transfer, code)
    }

    private func configure(
        _ request: HTTPClientRequest,
        _ limits: Limits.Client,
        _ headers: UnsafeMutablePointer<curl_slist>?,
        _ body: UnsafeRawBufferPointer
    ) {
        curl_set_string(pointer, CURLOPT_URL, request.url)
        curl_set_string(pointer, CURLOPT_PROTOCOLS_STR, "http,https")
        curl_set_string(pointer, CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
        curl_set_string(pointer, CURLOPT_USERAGENT, "backchannel")
        curl_set_long(pointer, CURLOPT_FOLLOWLOCATION, request.redirects > 0 ? 1 : 0)
        curl_set_long(pointer, CURLOPT_MAXREDIRS, request.redirects)
        curl_set_long(pointer, CURLOPT_CONNECTTIMEOUT_MS, limits.connectMilliseconds)
        curl_set_long(pointer, CURLOPT_TIMEOUT_MS, max(1, Int(request.timeout / .milliseconds(1))))
        curl_set_list(pointer, CURLOPT_HTTPHEADER, headers)
        curl_set_string(pointer, CURLOPT_CUSTOMREQUEST, request.method)
        if request.method == "HEAD" { curl_set_long(pointer, CURLOPT_NOBODY, 1) }
        guard !body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method) else { return }
        curl_set_offset(pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
        curl_set_pointer(pointer, CURLOPT_POSTFIELDS, body.baseAddress ?? easy.emptyBytes)
    }

    private func run(_ transfer: Transfer) -> CURLcode {
        let request = transfer.request
        // libcurl holds the pointers until `curl_easy_perform` returns; `transfer` lives longer.
        let context = Unmanaged.passUnretained(transfer).toOpaque()
        curl_set_pointer(pointer, CURLOPT_WRITEDATA, context)
        curl_set_receiver(pointer, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let transfer = Transfer.from(context) else { return 0 }
            let part = UnsafeRawBufferPointer(start: bytes, count: size * count)
            return transfer.receive(body: part) ? part.count : 0
        }
        curl_set_pointer(pointer, CURLOPT_HEADERDATA, context)
        curl_set_receiver(pointer, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let transfer = Transfer.from(context) else { return 0 }
            let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
            return transfer.receive(header: line) ? line.count : 0
        }
        curl_set_long(pointer, CURLOPT_NOPROGRESS, 0)
        curl_set_pointer(pointer, CURLOPT_XFERINFODATA, context)
        curl_set_progress(pointer) { context, _, _, _, _ in Transfer.from(context)?.isCancelled == true ? 1 : 0 }
        if request.addresses != .any { checkAddresses(context) }
        return withExtendedLifetime(transfer) { easy.perform() }
    }

    /// Has every address judged that a name stands for, when it is connected to and when a kept connection is used again,
    /// for the request and for each redirect of it.
    private func checkAddresses(_ context: UnsafeMutableRawPointer) {
        curl_set_string(pointer, CURLOPT_PROXY, "")  // behind a proxy it would be the proxy's address that is judged
        curl_set_pointer(pointer, CURLOPT_OPENSOCKETDATA, context)
        curl_set_opensocket(pointer) { context, _, address in
            guard let transfer = Transfer.from(context), let address else { return CURL_SOCKET_BAD }
            guard transfer.mayConnect(to: IPAddress(address)) else { return CURL_SOCKET_BAD }
            let place = address.pointee
            return socket(place.family, place.socktype | Int32(SOCK_CLOEXEC.rawValue), place.protocol)
        }
        curl_set_pointer(pointer, CURLOPT_PREREQDATA, context)
        curl_set_prerequest(pointer) { context, peer, _, _, _ in
            guard let transfer = Transfer.from(context), let peer else { return CURL_PREREQFUNC_ABORT }
            return transfer.mayConnect(to: IPAddress(String(cString: peer)))
                ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
        }
    }

    private func response(to transfer: Transfer, _ code: CURLcode) throws(HTTPClientError) -> HTTPClientResponse {
        guard code == CURLE_OK else { throw failure(of: transfer, code) }
        var status = 0
        curl_get_long(pointer, CURLINFO_RESPONSE_CODE, &status)
        return HTTPClientResponse(status: status, headers: transfer.headers, body: transfer.body)
    }

    private func failure(of transfer: Transfer, _ code: CURLcode) -> HTTPClientError {
        var sentBytes = 0
        curl_get_long(pointer, CURLINFO_REQUEST_SIZE, &sentBytes)
        var error =
            if let overrun = transfer.overrun {
                HTTPClientError(.tooLarge, transfer.request, overrun)
            } else if transfer.wasOnlyForbidden {
                HTTPClientError.forbiddenAddress(transfer.request)
            } else {
                HTTPClientError(code, transfer.request, detail: easy.detailText)
            }
        error.mayHaveBeenSent = sentBytes > 0
        return error
    }

    private func headerList(_ request: HTTPClientRequest) throws(HTTPClientError) -> UnsafeMutablePointer<curl_slist>? {
        // Without this libcurl waits up to a second for `100 Continue` before it sends a larger body.
        var list = curl_slist_append(nil, "Expect:")
        for (name, value) in request.headers {
            // A semicolon is libcurl's way to send a header without a value.
            guard let longer = curl_slist_append(list, value.isEmpty ? "\(name);" : "\(name): \(value)") else {
                curl_slist_free_all(list)
                throw HTTPClientError(.unreachable, request, "no memory left for the headers")
            }
            list = longer
        }
        return list
    }
}

extension Transfer {
    fileprivate static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }
}

extension HTTPClientRequest {
    /// libcurl would send line ends in names and values as they are: another header, or another request.
    fileprivate func checked() throws(HTTPClientError) {
        guard !method.isEmpty, method.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }) else {
            throw HTTPClientError(.invalidRequest, self, "a method is a word in capitals")
        }
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw HTTPClientError(.invalidRequest, self, "the address holds a space or control character")
        }
        for (name, value) in headers {
            let isName = !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
            guard isName, value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw HTTPClientError(.invalidRequest, self, "a header holds a character that headers cannot")
            }
        }
    }
}
