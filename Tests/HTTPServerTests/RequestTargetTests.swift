import Testing

@testable import HTTPServer

@Suite(.apart) struct RequestTargetTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String { target }
        let target: String
        let path: String
        var rawPath: String?
        var query: [[String]] = []
    }

    static let cases = [
        Case(target: "/", path: "/"),
        Case(target: "/a/b", path: "/a/b"),
        Case(target: "/caf%C3%A9%20x", path: "/café x", rawPath: "/caf%C3%A9%20x"),
        Case(target: "/a%2fb", path: "/a/b", rawPath: "/a%2fb"),
        Case(target: "/a+b", path: "/a+b"),
        Case(target: "/a%FFb", path: "/a%FFb"),
        Case(target: "/a%", path: "/a%"),
        Case(target: "/a%2", path: "/a%2"),
        Case(target: "/a%zz%41", path: "/a%zzA", rawPath: "/a%zz%41"),
        Case(target: "/?", path: "/"),
        Case(target: "/p?a=1&b=2&a=3", path: "/p", query: [["a", "1"], ["b", "2"], ["a", "3"]]),
        Case(target: "/p?flag&x=", path: "/p", query: [["flag", ""], ["x", ""]]),
        Case(target: "/p?a+b=c+d%2Be&&", path: "/p", query: [["a b", "c d+e"]]),
        Case(target: "/p?q=a=b?c", path: "/p", query: [["q", "a=b?c"]]),
        Case(target: "/p?q=%FF&r=%C3%A9", path: "/p", query: [["q", "%FF"], ["r", "é"]]),
        Case(target: "*", path: "*"),
        Case(target: "http://host:80/p?a=1", path: "/p", rawPath: "/p", query: [["a", "1"]]),
        Case(target: "http://host", path: "/"),
    ]

    @Test(arguments: cases)
    func isTakenApart(_ example: Case) {
        let target = RequestTarget(example.target.utf8)
        #expect(target.path == example.path)
        #expect(target.rawPath == example.rawPath ?? example.path)
        #expect(target.query.map { [$0.name, $0.value] } == example.query)
    }
}
