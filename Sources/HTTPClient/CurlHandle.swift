import CCurl
import Limits

/// One libcurl easy handle with the connections it keeps open.
///
/// Used by one thread at a time. `@unchecked Sendable`: libcurl allows a handle to move between threads as long as two never use it at once, which
/// ``HTTPClient`` ensures by lending it to one request. Source: libcurl-thread(3).
final class CurlHandle: @unchecked Sendable {
    private let handle: OpaquePointer
    /// libcurl writes its detailed messages here.
    private let detail: UnsafeMutableBufferPointer<CChar>

    /// `curl_global_init` is not safe to run twice at once; a static runs once.
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    /// `nil` when libcurl has no memory or cannot be initialised.
    init?() {
        guard Self.isReady, let handle = curl_easy_init() else { return nil }
        self.handle = OpaquePointer(handle)
        detail = .allocate(capacity: Int(CURL_ERROR_SIZE))
        detail.initialize(repeating: 0)
    }

    deinit {
        curl_easy_cleanup(pointer)
        detail.deallocate()
    }

    private var pointer: UnsafeMutableRawPointer { UnsafeMutableRawPointer(handle) }

    /// Performs the request, blocking the calling thread for at most its time-out.
    func perform(_ transfer: Transfer) throws(HTTPClientError) -> HTTPClientResponse {
        let request = transfer.request
        try request.checked()
        curl_easy_reset(pointer)  // keeps connections and cached names
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
        curl_set_long(pointer, CURLOPT_NOSIGNAL, 1)  // other threads must not see libcurl's SIGALRM
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
        curl_set_pointer(pointer, CURLOPT_POSTFIELDS, body.baseAddress ?? UnsafeRawPointer(detail.baseAddress))
    }

    private func run(_ transfer: Transfer) -> CURLcode {
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
        detail[0] = 0
        curl_set_pointer(pointer, CURLOPT_ERRORBUFFER, UnsafeRawPointer(detail.baseAddress))
        return withExtendedLifetime(transfer) { curl_easy_perform(pointer) }
    }

    private func response(to transfer: Transfer, _ code: CURLcode) throws(HTTPClientError) -> HTTPClientResponse {
        if let overrun = transfer.overrun { throw HTTPClientError(.tooLarge, transfer.request, overrun) }
        guard code == CURLE_OK else {
            let text = detail.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw HTTPClientError(code, transfer.request, detail: String(decoding: text, as: UTF8.self))
        }
        var status = 0
        curl_get_long(pointer, CURLINFO_RESPONSE_CODE, &status)
        return HTTPClientResponse(status: status, headers: transfer.headers, body: transfer.body)
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
