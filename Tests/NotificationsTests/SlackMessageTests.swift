import JSON
import Notifications
import Testing

struct SlackMessageTests {
    @Test(arguments: [
        ("plain", "plain"), ("<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;"), ("&amp;", "&amp;amp;"),
        ("", ""),
    ])
    func showsTextAsItIs(_ text: String, _ escaped: String) throws {
        #expect(try shown(SlackMessage(plain: text), most: 100) == escaped)
    }

    @Test(arguments: [
        ("0123456789", "0123456789"), ("01234567890", "012345678…"), ("012345&amp;7", "012345…"),
        ("01 & 234567890", "01 & 2345…"),
        ("ab <http://x|y>", "ab …"), ("&lt;&gt;&amp;", "&lt;&gt;…"),
    ])
    func isCutBetweenEscapesAndLinks(_ text: String, _ cut: String) throws {
        #expect(try shown(SlackMessage(markup: text), most: 10) == cut)
    }

    private func shown(_ message: SlackMessage, most: Int) throws -> String? {
        try JSONParser().parse(message.body(most: most))["text"]?.string
    }
}
