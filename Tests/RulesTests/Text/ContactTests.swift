import Limits
import TestSupport
import Testing

@testable import Rules

struct ContactTests {
    struct Case: Decodable, CustomTestStringConvertible {
        let text: String
        /// Kind and value, as in `link:example.com`.
        let contacts: [String]

        var testDescription: String { text }
    }

    @Test(arguments: try fixtures([Case].self, in: "rules/contacts").flatMap(\.self))
    func finds(_ example: Case) {
        let folder = TextFolder()
        folder.fold(example.text)
        #expect(folder.contacts.map { "\($0.kind.rawValue):\($0.value)" } == example.contacts)
    }

    @Test
    func saysWhereTheyAre() {
        let text = "é &lt;jo&#64;example.com&gt; ＋４７ ９１２ ３４ ５６７, now"
        let folder = TextFolder()
        folder.fold(text)
        let parts = folder.contacts.map { String(utf8: folder.raw[$0.range]) }
        #expect(parts == ["jo&#64;example.com", "＋４７ ９１２ ３４ ５６７"])
        #expect(Masker.masked(text, folder.contacts.map(\.range), with: "*").hasSuffix("&gt; **************, now"))
    }

    @Test
    func theyAreNoMoreThanTheLimit() {
        var limits = Limits.Rules()
        limits.contacts = 3
        let folder = TextFolder(limits: limits)
        folder.fold("a@example.com b@example.com c@example.com d@example.com")
        #expect(folder.contacts.count == 3)
    }

    @Test
    func anyTextIsOnlyAText() {
        var random = SeededRandom()
        let folder = TextFolder()
        let parts = [
            "@", ".", "a", "1", "dot ", " at ", "[.]", "com", "http://", "www.", "$", "€", " ", "nine ", "+", "(", ")",
            "-", "/",
            "gb82", "é", "ｅ", "\u{200B}", "paypal ", "&#64;", "\u{301}", "xn--", "%", ":", "0x", "usd",
        ]
        for _ in 0..<3_000 {
            let count = Int.random(in: 0..<40, using: &random)
            folder.fold((0..<count).map { _ in parts.randomElement(using: &random) ?? "" }.joined())
            for contact in folder.contacts {
                #expect(
                    !contact.range.isEmpty && contact.range.upperBound <= folder.rawCount,
                    "TEST_SEED=\(random.seed)"
                )
                #expect(String(validating: folder.raw[contact.range], as: UTF8.self) != nil, "TEST_SEED=\(random.seed)")
            }
        }
    }

    @Test
    func domainsAreMatchedWithinAndBelow() {
        let table = DomainTable(["Example.com", "*.shop.test", "xn--mnchen-3ya.de."])
        for host in ["example.com", "a.b.example.com", "x.shop.test", "shop.test", "münchen.de"] {
            #expect(table.contains(host), "\(host)")
        }
        for host in ["badexample.com", "example.com.evil.test", "com", "", "test", "xshop.test"] {
            #expect(!table.contains(host), "\(host)")
        }
    }

    @Test
    func domainsThatPretendAreSeen() {
        let table = DomainTable(["paypal.com", "finn.no", "example.co.uk"])
        for host in [
            "paypa1.com", "paypai.com", "p\u{430}ypal.com", "paypal-secure.com", "secure-paypal.com", "paypall.com",
            "payapl.com", "paypol.com", "paypal.support", "paypal.com.evil.test", "login.paypal.evil.test",
            "paypalsecure.net",
            "xn--pypal-4ve.com", "exarnple.co.uk", "www.paypa1.com", "finn.nu", "finn-no.com", "раураl.com",
        ] {
            let name = host.withContiguousStorage { HostName.value($0) }
            #expect(table.hasLookalike(of: name), "\(host)")
        }
        for host in [
            "paypal.com", "www.paypal.com", "finn.no", "example.co.uk", "other.com", "payroll.com", "find.no", "fin.no",
            "pal.com",
            "pay.com", "people.other.org", "examination.com", "",
        ] {
            #expect(!table.hasLookalike(of: host), "\(host)")
        }
    }
}

extension String {
    fileprivate func withContiguousStorage<Value>(_ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
        var text = self
        return text.withUTF8(body)
    }
}
