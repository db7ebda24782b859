import Analytics
import Chat
import Foundation
import History
import Limits
import MongoDB
import Rules
import Spam
import Telemetry
import TestSupport
import Testing

/// A node's learner against a real MongoDB.
struct SpamLearnerTests {
    /// A database with messages and verdicts, and learners on it.
    private struct Setting: Sendable {
        let store: HistoryStore
        let history: HistoryHandle
        let texts: [LabelledText]

        init(_ pool: MongoPool, _ database: String) throws {
            let store = try HistoryStore.open(
                pool: pool,
                database: database,
                app: AppIdentity(id: nil, apiKeys: ["key"]),
                patterns: ContextPatterns(),
                weights: EngagementWeights()
            )
            self.store = store
            history = HistoryHandle { () throws(HistoryError) in store }
            _ = try history.opened()
            let path = fixturesRoot.appending(path: "spam/labelled.txt")
            texts = try LabelledFile(Array(Data(contentsOf: path))).texts
        }

        /// Half of the texts: the others come as messages.
        func fileModel() throws -> SpamModel {
            try SpamTraining(seed: 1).outcome(of: Array(texts[..<120])).model
        }

        func learner(_ inForce: SpamInForce, file: SpamModel?, limits: Limits.Spam = Limits.Spam()) -> SpamLearner {
            SpamLearner(
                history: history,
                inForce: inForce,
                file: file,
                limits: limits,
                log: .none,
                now: { Timestamp(milliseconds: 1_800_000_000_000) }
            )
        }

        /// Stores the texts as messages, with a verdict on each, a second apart.
        func decide(_ range: Range<Int>, isSpam: (LabelledText) -> Bool = { $0.isSpam }, place: String = "messaging")
            throws
        {
            var (messages, labels): ([MongoUpdate], [MongoUpdate]) = ([], [])
            for index in range {
                var message = BSONDocument()
                message.append("$set") { $0.append("text", texts[index].text) }
                messages.append(MongoUpdate(filter: .id("m\(index)"), update: message, upsert: true))
                labels.append(label(index, isSpam: isSpam(texts[index]), place: place).update)
            }
            try write(messages, to: .messages)
            try write(labels, to: .spamLabels)
        }

        func label(_ index: Int, isSpam: Bool, place: String = "messaging") -> SpamLabel {
            SpamLabel(
                messageID: "m\(index)",
                isSpam: isSpam,
                by: "moderator",
                at: Timestamp(milliseconds: 1_700_000_000_000 + Int64(index) * 1_000),
                place: place
            )
        }

        func write(_ updates: [MongoUpdate], to collection: Collection) throws {
            try store.pool.withConnection { connection throws(MongoError) in
                _ = try connection.update(updates, in: collection.rawValue, of: store.database)
            }
        }
    }

    private static func probability(_ text: String, _ inForce: SpamInForce) throws -> Double {
        let extractor = SpamExtractor()
        extractor.extract(text)
        return try #require(inForce.current).score(extractor, in: "messaging").probability
    }

    private func withSetting(_ body: @escaping @Sendable (Setting) async throws -> Void) async throws {
        let pool = try sharedMongoPool()
        let database = freshDatabaseName()
        let setting = try await blocking { try Setting(pool, database) }
        do { try await body(setting) } catch {
            try await blocking { try dropDatabase(database, in: pool) }
            throw error
        }
        try await blocking { try dropDatabase(database, in: pool) }
    }

    @Test func theFileBecomesCurrentOnce() async throws {
        try await withSetting { setting in
            let model = try setting.fileModel()
            let inForce = SpamInForce()
            try await setting.learner(inForce, file: model).step()
            #expect(inForce.current?.version == model.version)
            let versions = try await blocking { try SpamModelStore(setting.store, Limits.Spam()).versions() }
            #expect(versions.map(\.version) == [model.version] && versions.first?.origin == .file)
            // Another node without the file finds it in the database.
            let other = SpamInForce()
            try await setting.learner(other, file: nil).step()
            #expect(other.current?.version == model.version)
        }
    }

    @Test func aVerdictIsScoredFirstAndLearnedThen() async throws {
        try await withSetting { setting in
            let model = try setting.fileModel()
            let inForce = SpamInForce()
            let learner = setting.learner(inForce, file: model)
            try await learner.step()
            // What the model takes for harmless a moderator calls spam, again and again.
            let text = "Hello, shall we meet at the harbour and talk about the boat?"
            let before = try Self.probability(text, inForce)
            #expect(before < 0.2)
            try await blocking {
                for index in 0..<6 {
                    var message = BSONDocument()
                    message.append("$set") { $0.append("text", text) }
                    try setting.write(
                        [MongoUpdate(filter: .id("m\(index)"), update: message, upsert: true)],
                        to: .messages
                    )
                    try setting.write([setting.label(index, isSpam: true).update], to: .spamLabels)
                }
            }
            try await learner.step()
            #expect(inForce.current?.version == "\(model.version)+6")
            #expect(try Self.probability(text, inForce) > 0.5)
            let labels = try await blocking { try SpamLabelStore(setting.store).newest(10) }
            #expect(labels.count == 6 && labels.allSatisfy { $0.model?.hasPrefix(model.version) == true })
            #expect(abs((labels[0].score ?? 1) - before) < 1e-6)
            // Nothing new, nothing learned twice.
            try await learner.step()
            #expect(inForce.current?.learned == 6)
            // Another node comes to the same.
            let other = SpamInForce()
            let second = setting.learner(other, file: nil)
            try await second.step()
            try await second.step()
            #expect(try Self.probability(text, other) == Self.probability(text, inForce))
        }
    }

    @Test func aTextThatIsErasedOrChangedIsNotLearned() async throws {
        try await withSetting { setting in
            let inForce = SpamInForce()
            let learner = setting.learner(inForce, file: try setting.fileModel())
            try await blocking {
                var changed = BSONDocument()
                changed.append("$set") {
                    $0.append("text", "something else by now")
                    $0.append("text_updated_at", date: 1_900_000_000_000)
                }
                try setting.write([MongoUpdate(filter: .id("m1"), update: changed, upsert: true)], to: .messages)
                try setting.write(
                    [setting.label(0, isSpam: true).update, setting.label(1, isSpam: true).update],
                    to: .spamLabels
                )
            }
            try await learner.step()
            #expect(inForce.current?.learned == 0)
        }
    }

    @Test func itIsMadeAnewOfVerdicts() async throws {
        try await withSetting { setting in
            var limits = Limits.Spam()
            (limits.refitLabels, limits.refitTried) = (100, 40)
            let (inForce, model) = (SpamInForce(), try setting.fileModel())
            let learner = setting.learner(inForce, file: model, limits: limits)
            try await learner.step()
            try await blocking { try setting.decide(0..<240) }
            try await learner.step()
            try await learner.step()
            let versions = try await blocking { [limits] in try SpamModelStore(setting.store, limits).versions() }
            let refit = try #require(versions.first { $0.origin == .refit })
            #expect(refit.labels == 240 && inForce.current?.version == refit.version)
            #expect(inForce.current?.model.spam == setting.texts.count { $0.isSpam })
        }
    }

    @Test func withoutAModelTheFirstIsMadeOfVerdicts() async throws {
        try await withSetting { setting in
            var limits = Limits.Spam()
            limits.refitLabels = 200
            let inForce = SpamInForce()
            let learner = setting.learner(inForce, file: nil, limits: limits)
            try await blocking { try setting.decide(0..<150) }
            try await learner.step()
            #expect(inForce.current == nil)
            try await blocking { try setting.decide(150..<240) }
            try await learner.step()
            try await learner.step()
            #expect(inForce.current?.model.ham == setting.texts.count { !$0.isSpam })
        }
    }

    @Test func whatIsMadeOfNonsenseIsNotTaken() async throws {
        try await withSetting { setting in
            var limits = Limits.Spam()
            (limits.refitLabels, limits.refitTried) = (100, 60)
            let (inForce, model) = (SpamInForce(), try setting.fileModel())
            let learner = setting.learner(inForce, file: model, limits: limits)
            try await learner.step()
            // First the contrary of what is so, then, newest, what is: made anew of all but the newest it does worse on those.
            try await blocking {
                try setting.decide(0..<180, isSpam: { !$0.isSpam })
                try setting.decide(180..<240)
                var scores: [MongoUpdate] = []
                for index in 0..<240 {
                    let isSpam = index < 180 ? !setting.texts[index].isSpam : setting.texts[index].isSpam
                    let good = setting.texts[index].isSpam ? 0.95 : 0.05
                    scores.append(setting.label(index, isSpam: isSpam).update(score: good, model: model.version))
                }
                try setting.write(scores, to: .spamLabels)
            }
            try await learner.step()
            let versions = try await blocking { [limits] in try SpamModelStore(setting.store, limits).versions() }
            #expect(versions.map(\.origin) == [.file])
        }
    }

    @Test func aPlaceIsCalibratedByItsOwnVerdicts() async throws {
        try await withSetting { setting in
            var limits = Limits.Spam()
            limits.refitLabels = 10_000
            let (inForce, model) = (SpamInForce(), try setting.fileModel())
            let learner = setting.learner(inForce, file: model, limits: limits)
            try await learner.step()
            try await blocking { try setting.decide(120..<240, place: "livestream") }
            try await learner.step()
            #expect(inForce.current?.places.keys.sorted() == ["livestream"])
        }
    }

    @Test func aDamagedVersionIsRefusedAndTheOldOneStays() async throws {
        try await withSetting { setting in
            let (inForce, model) = (SpamInForce(), try setting.fileModel())
            let learner = setting.learner(inForce, file: model)
            try await learner.step()
            try await blocking {
                var fields = BSONDocument()
                fields.append("$set") {
                    $0.append("at", date: 1_800_000_000_001)
                    $0.append("origin", "refit")
                    $0.append("bytes", Array(model.bytes.dropLast()))
                }
                var pointer = BSONDocument()
                pointer.append("$set") { $0.append("version", "broken") }
                try setting.write(
                    [
                        MongoUpdate(filter: .id("broken"), update: fields, upsert: true),
                        MongoUpdate(filter: .id("current"), update: pointer),
                    ],
                    to: .spamModels
                )
            }
            try await learner.step()
            #expect(inForce.current?.version == model.version)
        }
    }

    @Test func versionsAreBounded() async throws {
        try await withSetting { setting in
            var limits = Limits.Spam()
            limits.modelsKept = 3
            let (texts, kept) = (setting.texts, limits)
            try await blocking {
                let models = SpamModelStore(setting.store, kept)
                var before: String?
                for seed in 1...5 {
                    var training = SpamTraining(seed: UInt64(seed))
                    training.rounds = 1
                    let model = try training.outcome(of: texts).model
                    let version = SpamModelStore.Version(
                        version: model.version,
                        at: Timestamp(milliseconds: Int64(seed)),
                        origin: .refit,
                        labels: 0,
                        through: Timestamp(milliseconds: 0)
                    )
                    #expect(try models.take(model, version, inPlaceOf: before))
                    before = model.version
                }
                // One that was made of another version than the current comes too late.
                let late = try SpamTraining(seed: 9).outcome(of: texts).model
                let version = SpamModelStore.Version(
                    version: late.version,
                    at: Timestamp(milliseconds: 9),
                    origin: .refit,
                    labels: 0,
                    through: Timestamp(milliseconds: 0)
                )
                #expect(try !models.take(late, version, inPlaceOf: "long gone"))
                #expect(try models.versions().count == 3)
                #expect(try models.currentVersion() == before)
            }
        }
    }
}
