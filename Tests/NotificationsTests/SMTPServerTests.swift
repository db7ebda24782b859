import HTTPClient
import Testing

struct SMTPServerTests {
    @Test(arguments: [
        ("smtp://mail.example.com", "smtp://mail.example.com:587", SMTPServer.StartTLS.required),
        ("smtps://mail.example.com", "smtps://mail.example.com:465", .required),
        ("smtp://u:p%40%2F@mail.example.com:25/our.host", "smtp://mail.example.com:25", .required),
        ("smtp://mail.example.com?starttls=off", "smtp://mail.example.com:587", .off),
        ("smtp://[::1]:2525?starttls=optional&ca=/a%20b.pem", "smtp://[::1]:2525", .optional),
    ])
    func isRead(_ url: String, _ description: String, _ startTLS: SMTPServer.StartTLS) throws {
        let server = try SMTPServer(url: url)
        #expect("\(server)" == description)
        #expect(server.startTLS == startTLS)
        #expect(server.authorityFile == (url.contains("ca=") ? "/a b.pem" : nil))
    }

    @Test(arguments: [
        ("", SMTPServerError.malformed), ("mail.example.com", .malformed), ("http://hush", .malformed),
        ("smtp://", .malformed), ("smtp://a b", .malformed), ("smtp://h:0x50", .malformed),
        ("smtp://h?start=hush", .option), ("smtp://h?starttls", .option), ("smtp://h?ca=a&ca=b", .option),
        ("smtp://h?ca=%0ahush", .option), ("smtp://h?starttls=hush", .startTLS), ("smtps://h?starttls=off", .startTLS),
        ("smtp://hush@h", .credentials), ("smtp://u:hush@h?starttls=off", .clearPassword),
        ("smtp://u:hush@h?starttls=optional", .clearPassword), ("smtp://h/hush%20x", .greeting),
        ("smtp://h/a/b", .greeting),
    ])
    func isRefused(_ url: String, _ reason: SMTPServerError) {
        let error = #expect(throws: SMTPServerError.self) { try SMTPServer(url: url) }
        #expect(error == reason)
        #expect(error.map { !"\($0)".contains("hush") } == true)
    }
}
