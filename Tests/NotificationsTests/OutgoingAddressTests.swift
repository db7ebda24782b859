import HTTPClient
import HTTPServer
import Limits
import TestSupport
import Testing

struct OutgoingAddressTests {
    @Test(arguments: [
        "http://example.com/hook", "https://example.com:8443/a?b=c#d", "http://93.184.216.34/",
        "https://[2606:4700::1111]/",
        "http://[64:ff9b::5db8:d822]/", "https://localhost.example.com/", "https://xn--bcher-kva.example/",
    ])
    func isAccepted(_ url: String) throws {
        #expect(try OutgoingAddress(url, addresses: .publicOnly).url == url)
    }

    @Test(arguments: [
        "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/",
        "http://0x7f000001/", "http://127.0.0.1./", "http://2130706433./", "http://%31%32%37.0.0.1/", "http://0/",
        "http://localhost/", "http://LOCALHOST./", "http://a.localhost/", "http://[::1]/", "http://[::]/",
        "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::127.0.0.1]/", "http://[fe80::1]/",
        "http://[fe80::1%25eth0]/", "http://[fd00::1]/", "http://[ff02::1]/", "http://[2002:7f00:1::]/",
        "http://[64:ff9b::7f00:1]/", "http://[64:ff9b:1::1]/", "http://[2001:db8::1]/", "http://[2001::1]/",
        "http://10.0.0.1/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.1.1/",
        "http://169.254.169.254/",
        "http://100.64.0.1/", "http://100.127.255.255/", "http://192.0.0.1/", "http://198.18.0.1/", "http://224.0.0.1/",
        "http://255.255.255.255/", "http://240.0.0.1/", "http://203.0.113.9/",
    ])
    func isForbidden(_ url: String) {
        #expect(throws: OutgoingAddressError.forbidden) { try OutgoingAddress(url, addresses: .publicOnly) }
        #expect(throws: Never.self) { try OutgoingAddress(url, addresses: .any) }
    }

    @Test(arguments: [
        ("ftp://example.com/", OutgoingAddressError.scheme), ("file:///etc/hush", .scheme), ("gopher://hush/", .scheme),
        ("hush", .malformed), ("", .malformed), ("http://", .malformed), ("http://a b/", .malformed),
        ("http://example.com/\r\nhush", .malformed), ("https://user:hush@example.com/", .credentials),
        ("https://hush@example.com/", .credentials), ("javascript:hush", .scheme),
    ])
    func isRefused(_ url: String, _ reason: OutgoingAddressError) {
        let error = #expect(throws: OutgoingAddressError.self) { try OutgoingAddress(url, addresses: .any) }
        #expect(error == reason)
        #expect(error.map { !"\($0)".contains("hush") } == true)
    }

    @Test func rangesHoldWhatBeginsLikeThem() throws {
        let cases = [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false),
            ("172.16.0.0/12", "172.31.0.1", true),
            ("172.16.0.0/12", "172.32.0.1", false), ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7/32", "192.0.2.6", false),
            ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "::1", false), ("0.0.0.0/0", "::ffff:8.8.8.8", true),
            ("fd00::/8", "fdff::1", true), ("fd00::/8", "fc00::1", false), ("2000::/3", "3fff::", true),
        ]
        for (range, address, holds) in cases {
            let found = try #require(AddressRange(range)).contains(try #require(IPAddress(address)))
            #expect(found == holds, "\(range) \(address)")
        }
        for text in [
            "", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "::/129", "10.0.0/8", "a/8", "10.0.0.0/8/8",
        ] {
            #expect(AddressRange(text) == nil, "\(text)")
        }
    }

    // MARK: Where it counts: when connecting

    static let onlyThisLoopback = AddressPolicy.publicOnly(or: [AddressRange("127.0.0.1")].compactMap(\.self))

    @Test func connectionsAreJudgedByTheirAddress() async throws {
        try await withTestServer({ _ in HTTPResponse(status: 200) }) { server in
            // The name passes a look at the URL; spellings that only a resolver understands do too.
            let hosts = [
                "127.0.0.1", "2130706433", "0x7f.1", "localhost", "a.localhost", "[::ffff:127.0.0.1]",
            ]
            for host in hosts {
                var request = HTTPClientRequest(url: "http://\(host):\(server.port)/hush")
                request.addresses = .publicOnly
                let error = await #expect(throws: HTTPClientError.self) { try await HTTPClient().send(request) }
                #expect(error?.kind == .forbiddenAddress, "\(error?.description ?? "")")
                #expect(error?.isRetriable == false && error?.mayHaveBeenSent == false)
                #expect(error?.description.contains("hush") == false)
            }
            #expect(server.received.isEmpty)
            var allowed = HTTPClientRequest(url: server.url)
            allowed.addresses = Self.onlyThisLoopback
            let response = try await HTTPClient().send(allowed)
            #expect(response.status == 200)
        }
    }

    @Test func redirectsAreJudgedToo() async throws {
        let answer: @Sendable (TestServer.Received) -> HTTPResponse = { request in
            let target = request.head[header: "x-to"] ?? ""
            return request.head.path == "/end"
                ? HTTPResponse(status: 200) : HTTPResponse(status: 302, headers: [("Location", target)])
        }
        try await withTestServer(answer) { server in
            for (host, isAllowed) in [
                ("127.0.0.1", true), ("127.0.0.2", false), ("[::ffff:127.0.0.3]", false), ("[::1]", false),
            ] {
                let target = "http://\(host):\(server.port)/end"
                var request = HTTPClientRequest(url: "\(server.url)/start", headers: [("X-To", target)])
                (request.redirects, request.addresses) = (3, Self.onlyThisLoopback)
                let result = await Self.status(request)
                switch result {
                case .success(let status): #expect(isAllowed && status == 200, "\(host)")
                case .failure(let error): #expect(!isAllowed && error.kind == .forbiddenAddress, "\(host): \(error)")
                }
            }
            #expect(server.received.filter { $0.head.path == "/end" }.count == 1)
        }
    }

    @Test func aKeptConnectionIsJudgedAgain() async throws {
        var limits = Limits.Client()
        limits.concurrent = 1
        let client = HTTPClient(limits: limits)
        try await withTestServer({ _ in HTTPResponse(status: 200) }) { server in
            var request = HTTPClientRequest(url: server.url)
            let response = try await client.send(request)
            #expect(response.status == 200)
            request.addresses = .publicOnly
            let error = await #expect(throws: HTTPClientError.self) { try await client.send(request) }
            #expect(error?.kind == .forbiddenAddress, "\(error?.description ?? "")")
            #expect(server.received.count == 1)
        }
    }

    private static func status(_ request: HTTPClientRequest) async -> Result<Int, HTTPClientError> {
        do throws(HTTPClientError) {
            return .success(try await HTTPClient().send(request).status)
        } catch {
            return .failure(error)
        }
    }
}
