import Foundation
import Rules
import TestSupport
import Testing

/// `models/sms-english.model`, as a team begins with it.
struct ShippedModelTests {
    @Test func itIsReadAndTellsWhatIsWhat() throws {
        let path = fixturesRoot.appending(path: "../models/sms-english.model").standardized
        let model = try SpamModel(Array(Data(contentsOf: path)))
        let extractor = SpamExtractor()
        extractor.extract("URGENT! You have won a £900 prize. Call 09061701461 now to claim, only 150p a minute")
        #expect(model.score(extractor).advice == .block)
        extractor.extract("Hi Anna, is the bike still available? I could come by after work tomorrow")
        #expect(model.score(extractor).advice == .allow)
    }
}
