import Crypto
import Foundation
import Limits
import Randomness
import TestSupport
import Testing

@testable import Rules

struct SpamModelTests {
    private let model: SpamModel

    init() throws { model = try #require(SpamFixture.model) }

    private func score(_ text: String, by model: SpamModel) -> SpamScore {
        let extractor = SpamExtractor()
        extractor.extract(text)
        return model.score(extractor)
    }

    // MARK: Training

    @Test func theSameSeedMakesTheSameModel() throws {
        let texts = try SpamFixture.texts()
        #expect(try SpamTraining(seed: 1).outcome(of: texts).model == model)
        #expect(try SpamTraining(seed: 2).outcome(of: texts).model.version != model.version)
    }

    @Test func tellsSpamThatItHasNotSeen() throws {
        let spam = score("WINNER! Claim your FREE holiday voucher, call 09061234567 now", by: model)
        #expect(spam.probability > 0.9 && spam.advice == .block)
        let ham = score("Is the tent still available? I can come this evening", by: model)
        #expect(ham.probability < 0.2 && ham.advice == .allow)
    }

    @Test func tooLittleIsRefused() throws {
        let texts = [LabelledText("buy now", isSpam: true), LabelledText("hello", isSpam: false)]
        #expect {
            try SpamTraining(seed: 1).outcome(of: texts)
        } throws: {
            "\($0)" == "1 texts are spam and 1 are not; a model needs at least 20 of each"
        }
    }

    @Test func copiesAreNeverOnBothSides() throws {
        let texts = try SpamFixture.texts()
        var random = SplitMix(seed: 9)
        let folds = SpamFolds(texts, count: 5, using: &random)
        var parts: [String: Set<Int>] = [:]
        for (text, part) in zip(texts, folds.parts) { parts[text.key, default: []].insert(part) }
        #expect(parts.values.allSatisfy { $0.count == 1 })
        #expect(Set(folds.parts) == Set(0..<5))
    }

    /// Of margins made with a known line, the line is found.
    @Test func calibrationFindsTheLine() {
        var random = SeededRandom()
        let truth = PlattScaling(slope: 3, offset: -1)
        let margins = (0..<20_000).map { _ in Double.random(in: -2...2, using: &random) }
        let labels = margins.map { Double.random(in: 0..<1, using: &random) < truth.probability($0) }
        let found = PlattScaling(margins, isSpam: labels)
        #expect(abs(found.slope - 3) < 0.25 && abs(found.offset + 1) < 0.2, "\(found), seed \(random.seed)")
    }

    @Test func perfectMarginsGiveNoCertainty() {
        let scaling = PlattScaling([-2, -1, 1, 2], isSpam: [false, false, true, true])
        #expect(scaling.probability(1) < 0.9 && scaling.probability(1) > 0.6)
    }

    @Test func learnsFromOneVerdictAfterTheOther() throws {
        let texts = try SpamFixture.texts()
        let extractor = SpamExtractor()
        var (learner, wrong) = (OnlineLearner(), 0)
        for (index, text) in texts.enumerated() {
            extractor.extract(text.text)
            if index >= 120, (learner.margin(extractor) > 0) != text.isSpam { wrong += 1 }
            learner.learn(extractor, isSpam: text.isSpam)
        }
        #expect(wrong <= 2)
    }

    // MARK: Languages

    struct Language: Decodable {
        let text: String
        let familiarity: String
    }

    @Test func knowsItsLanguages() throws {
        let file = fixturesRoot.appending(path: "spam/languages.json")
        let languages = try JSONDecoder().decode([Language].self, from: Data(contentsOf: file))
        try #require(!languages.isEmpty)
        for language in languages {
            #expect(score(language.text, by: model).familiarity.rawValue == language.familiarity, "\(language.text)")
        }
    }

    @Test func outsideItsLanguagesItHoldsAndNeverBlocks() {
        // Names and prices of spam among words of another language.
        let text =
            "Herzlichen Glückwunsch! Sie haben gewonnen: £900 prize, jetzt anrufen 09061234567, claim FREE Gutschein heute"
        let found = score(text, by: model)
        #expect(found.familiarity == .foreign)
        #expect(found.advice != .block && found.judged <= 0.89)
    }

    // MARK: Reasons

    @Test func reasonsAreInWords() {
        let extractor = SpamExtractor()
        extractor.extract("Claim your FREE gift card today! Call 09061234567, only £1.50")
        let reasons = model.reasons(extractor)
        #expect(!reasons.isEmpty && reasons.count <= 5)
        #expect(reasons == reasons.sorted { abs($0.weight) > abs($1.weight) })
        #expect(reasons.contains { $0.words.contains("“") && $0.weight > 0 })
        #expect(reasons.allSatisfy { $0.words.count < 100 })
    }

    /// All reasons together are the margin without its bias: nothing is lost, nothing counted twice.
    @Test func reasonsSumUpToTheMargin() throws {
        let extractor = SpamExtractor()
        for text in try SpamFixture.texts().prefix(60) {
            extractor.extract(text.text)
            let words = text.text.filter { $0.isLetter || $0.isNumber || $0.isWhitespace }
            extractor.extract(words)
            let sum = model.reasons(extractor, most: 10_000).reduce(0) { $0 + $1.weight }
            let margin = model.score(extractor).margin - Double(model.learnable.bias)
            // Weights close to nothing are no reasons.
            #expect(abs(sum - margin) < 0.3, "\(words): \(sum), \(margin)")
        }
    }

    // MARK: As a file

    @Test func survivesBeingStored() throws {
        let read = try SpamModel(model.bytes)
        #expect(read == model && read.version == model.version)
        #expect(model.bytes.count <= Limits.Spam().modelBytes)
        #expect(score("call now", by: read) == score("call now", by: model))
    }

    @Test func everyDamageIsNoticed() throws {
        var random = SeededRandom()
        for round in 0..<300 {
            var bytes = model.bytes
            switch round % 3 {
            case 0: bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
            case 1: bytes[Int.random(in: bytes.indices, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            default:
                bytes += (0..<Int.random(in: 1...100, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
            }
            #expect(throws: SpamModelFault.self, "round \(round), seed \(random.seed)") { try SpamModel(bytes) }
        }
    }

    @Test func eachFaultSaysWhatToDo() throws {
        #expect(throws: SpamModelFault.notAModel) { try SpamModel([]) }
        #expect(throws: SpamModelFault.notAModel) { try SpamModel(Array("ham\thello".utf8)) }
        var newer = model.bytes
        newer[8] = 2
        #expect(throws: SpamModelFault.otherFormat(found: 2, known: 1)) { try SpamModel(newer) }
        #expect(throws: SpamModelFault.damaged) {
            var bytes = model.bytes
            bytes[bytes.count - 1] ^= 1
            return try SpamModel(bytes)
        }
        // A checksum that fits does not make other features the same ones.
        #expect(throws: SpamModelFault.otherRecipe(found: 7, known: 1)) { try SpamModel(resealed { $0[52] = 7 }) }
        // Nor a number that is none a weight: the scale, in front of bias and tables.
        let scale = model.bytes.count - (1 << 19) - (1 << LanguageProfile.bits) - 8
        #expect(throws: SpamModelFault.implausible) {
            try SpamModel(resealed { for byte in 0..<4 { $0[scale + byte] = 0xFF } })
        }
    }

    /// Changed, with a checksum that fits.
    private func resealed(_ change: (inout [UInt8]) -> Void) -> [UInt8] {
        var bytes = model.bytes
        change(&bytes)
        bytes.replaceSubrange(20..<52, with: SHA256.digest(Array(bytes[52...])))
        return bytes
    }
}
