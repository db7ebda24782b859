/// How a request says where its body ends (RFC 9112 §6).
///
/// Checked here besides libmicrohttpd, which takes the first of several lengths and ignores a length beside
/// `Transfer-Encoding`: two readings of one request are how requests are smuggled past a proxy.
enum RequestFraming {
    case none
    case length(Int)
    case chunked
    case refused(HTTPResponse)

    init(_ headers: HeaderBlock) {
        let lengths = headers.values(of: "Content-Length")
        let codings = headers.values(of: "Transfer-Encoding")
        switch (lengths.first, codings.first) {
        case (nil, nil):
            self = .none
        case (let text?, nil):
            guard lengths.allSatisfy({ $0 == text }), let length = Self.length(text) else {
                self = .refused(.init(status: 400, sentence: "Content-Length is not one number\n"))
                return
            }
            self = .length(length)
        case (nil, let coding?):
            guard codings.count == 1, coding.lowercased() == "chunked" else {
                self = .refused(.init(status: 501, sentence: "of transfer codings only chunked is understood\n"))
                return
            }
            self = .chunked
        case (_?, _?):
            self = .refused(.init(status: 400, sentence: "Content-Length and Transfer-Encoding exclude each other\n"))
        }
    }

    /// Digits only: `Int` alone would take a sign.
    private static func length(_ text: String) -> Int? {
        text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } ? Int(text) : nil
    }
}
