import CCurl

/// One libcurl easy handle with the connections it keeps open.
///
/// `@unchecked Sendable`: libcurl allows a handle to move between threads as long as two never use it at once, which the
/// clients ensure by lending it to one request. Source: libcurl-thread(3).
final class EasyHandle: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer
    /// libcurl writes its detailed messages here.
    private let detail: UnsafeMutableBufferPointer<CChar>

    /// `curl_global_init` is not safe to run twice at once; a static runs once.
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    /// `nil` when libcurl has no memory or cannot be initialised.
    init?() {
        guard Self.isReady, let pointer = curl_easy_init() else { return nil }
        self.pointer = pointer
        detail = .allocate(capacity: Int(CURL_ERROR_SIZE))
        detail.initialize(repeating: 0)
    }

    deinit {
        curl_easy_cleanup(pointer)
        detail.deallocate()
    }

    /// What libcurl said about the last ``perform()``; may hold what the other side said.
    var detailText: String {
        String(decoding: detail.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// An address that stands for no bytes.
    var emptyBytes: UnsafeRawPointer? { UnsafeRawPointer(detail.baseAddress) }

    /// Forgets all options; keeps connections and cached names.
    func reset() {
        curl_easy_reset(pointer)
        curl_set_long(pointer, CURLOPT_NOSIGNAL, 1)  // other threads must not see libcurl's SIGALRM
    }

    /// Blocks the calling thread until the transfer has ended.
    func perform() -> CURLcode {
        detail[0] = 0
        curl_set_pointer(pointer, CURLOPT_ERRORBUFFER, UnsafeRawPointer(detail.baseAddress))
        return curl_easy_perform(pointer)
    }
}
