import Chat
import Crypto
import JSON
import Provider
import Testing

struct StreamTokenTests {
    /// The tokens in the fixture come from the provider's own library; how, it says itself.
    @Test func tokensAreThoseOfTheOfficialLibrary() throws {
        let tokens = try #require(try ProviderFixture.one("tokens.json").json()["tokens"])
        var count = 0
        for example in tokens.array {
            let key = HMACSHA256(key: try #require(example["secret"]?.string))
            let token =
                example["user"]?.string.map { user in
                    StreamToken.user(
                        user,
                        issuedAt: Self.time(example["issuedAt"]),
                        expiresAt: Self.time(example["expiresAt"]),
                        signedBy: key
                    )
                } ?? StreamToken.server(signedBy: key)
            #expect(token == example["token"]?.string, "\(example["testDescription"]?.string ?? "")")
            count += 1
        }
        #expect(count == 7)
    }

    /// Parts of a second do not show.
    private static func time(_ value: JSONValue?) -> Timestamp? {
        value?.int64.map { Timestamp(nanoseconds: $0 * 1_000_000_000 + 999_999_999) }
    }
}
