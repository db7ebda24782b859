import Blocking
package import Chat
package import History
package import Limits
package import MongoDB
package import Rules
package import Telemetry

/// Keeps the spam model of a node: takes the current version from MongoDB, learns each new verdict, and makes the model anew once
/// enough have come. Ends with its task.
///
/// Every node learns the same verdicts in the same order from the same version, so nodes agree without speaking to each other; which
/// version is current MongoDB says.
package actor SpamLearner {
    private let executor = ThreadExecutor(label: "spam.learn", urgency: .steppingBack(10))
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let history: HistoryHandle
    private let inForce: SpamInForce
    private let file: SpamModel?
    private let limits: Limits.Spam
    private let log: Log
    private let now: @Sendable () -> Timestamp

    private let extractor = SpamExtractor()
    private var base: SpamModelStore.Version?
    private var model: SpamModel?
    private var learner = OnlineLearner()
    private var places: PlaceCalibrations
    /// Verdicts learned since the version was made: what is read again near the end is not learned twice.
    private var known: [String: Timestamp] = [:]
    private var learned = 0
    /// Verdicts seen since the last attempt to make the model anew.
    private var sinceAttempt = 0
    private var cursor = Timestamp(milliseconds: 0)
    private var hasOffered = false

    /// - Parameter file: of `SPAM_MODEL`; becomes current unless it has been before.
    package init(
        history: HistoryHandle,
        inForce: SpamInForce,
        file: SpamModel?,
        limits: Limits.Spam,
        log: Log,
        now: @escaping @Sendable () -> Timestamp
    ) {
        (self.history, self.inForce, self.file, self.limits) = (history, inForce, file, limits)
        (self.log, self.now) = (log, now)
        places = PlaceCalibrations(limits)
    }

    /// Looks again and again, until the task is cancelled.
    package func run() async {
        var isFailing = false
        while !Task.isCancelled {
            do throws(MongoError) {
                try step()
                isFailing = false
            } catch {
                if !isFailing {
                    log.warning("the spam model learns nothing for now", ["reason": .init(error.description)])
                }
                isFailing = true
            }
            try? await Task.sleep(for: .milliseconds(limits.pollMilliseconds))
        }
    }

    /// One look: blocking, on the learner's own thread.
    package func step() throws(MongoError) {
        guard let store = history.store else { return }
        let (models, labels) = (SpamModelStore(store, limits), SpamLabelStore(store))
        try offerFile(models)
        try takeCurrent(models, labels)
        guard model != nil else { return try makeFirst(models, labels) }
        try learn(labels)
        if sinceAttempt >= limits.refitLabels { try refit(models, labels) }
    }

    // MARK: Versions

    private func offerFile(_ models: SpamModelStore) throws(MongoError) {
        guard !hasOffered, let file else { return }
        if try models.version(file.version) == nil {
            let version = SpamModelStore.Version(
                version: file.version,
                at: now(),
                origin: .file,
                labels: 0,
                through: Timestamp(milliseconds: 0)
            )
            _ = try models.take(file, version, inPlaceOf: try models.currentVersion())
        }
        hasOffered = true
    }

    private func takeCurrent(_ models: SpamModelStore, _ labels: SpamLabelStore) throws(MongoError) {
        guard let current = try models.currentVersion(), current != base?.version,
            let version = try models.version(current), let bytes = try models.bytes(of: current)
        else { return }
        do throws(SpamModelFault) {
            begin(with: try SpamModel(bytes), version)
        } catch {
            log.error(
                "the current spam model is refused; the one before stays",
                ["version": .init(current), "reason": .init(error.description)]
            )
            base = version
            return
        }
        try rememberPlaces(labels)
        publish()
        log.info("another spam model is in force", ["version": .init(current), "labels": .init("\(version.labels)")])
    }

    private func begin(with model: SpamModel, _ version: SpamModelStore.Version) {
        (self.model, base) = (model, version)
        learner = OnlineLearner(model.logOdds)
        (known, learned, sinceAttempt, cursor) = ([:], 0, 0, version.through)
    }

    /// What models have said of the newest verdicts, whichever they were.
    private func rememberPlaces(_ labels: SpamLabelStore) throws(MongoError) {
        places = PlaceCalibrations(limits)
        for label in try labels.newest(limits.placeLabelsRead) {
            if let score = label.score { places.add(label, score: score) }
        }
        places.update()
    }

    private func publish() {
        guard let model else { return }
        inForce.take(
            SpamModelInForce(
                model,
                learner: learned > 0 ? learner : nil,
                learned: learned,
                places: places.scalings
            )
        )
    }

    // MARK: Verdicts

    /// Learns what has come since the last look; what is committed late is found, since the last seconds are read again.
    private func learn(_ store: SpamLabelStore) throws(MongoError) {
        var hasLearned = false
        while true {
            let start = Timestamp(milliseconds: max(0, cursor.milliseconds - limits.lateMilliseconds))
            let read = try store.labels(from: start, limit: limits.labelsRead)
            let new = read.filter { known[$0.messageID] != $0.at && $0.at > (base?.through ?? $0.at) }
            let texts = try store.texts(of: new)
            var updates: [MongoUpdate] = []
            for label in new {
                known[label.messageID] = label.at
                sinceAttempt += 1
                guard let text = texts[label.messageID] else { continue }
                updates += learn(label, text)
                hasLearned = true
            }
            try store.write(updates)
            if let last = read.last { cursor = max(cursor, last.at) }
            known = known.filter { $0.value.milliseconds >= cursor.milliseconds - 2 * limits.lateMilliseconds }
            guard read.count == limits.labelsRead, !new.isEmpty else { break }
        }
        guard hasLearned else { return }
        places.update()
        publish()
    }

    /// Scores first, learns then.
    ///
    /// - Returns: what is to be written down with the verdict.
    private func learn(_ label: SpamLabel, _ text: String) -> [MongoUpdate] {
        extractor.extract(text)
        let score = label.score ?? PlattScaling.none.probability(Double(learner.margin(extractor)))
        let version = inForce.current?.version ?? base?.version ?? ""
        places.add(label, score: score)
        learner.learn(extractor, isSpam: label.isSpam)
        learned += 1
        return label.score == nil ? [label.update(score: score, model: version)] : []
    }

    // MARK: Made anew

    /// Without any model the first is made of verdicts alone, once there are enough.
    private func makeFirst(_ models: SpamModelStore, _ labels: SpamLabelStore) throws(MongoError) {
        guard base == nil, let (texts, known) = try material(labels), known.count >= limits.refitLabels else { return }
        try take(texts, known, models, inPlaceOf: nil)
    }

    /// Makes the model anew of the verdicts, and takes it if one made without the newest does no worse on those.
    private func refit(_ models: SpamModelStore, _ labels: SpamLabelStore) throws(MongoError) {
        sinceAttempt = 0
        guard let (texts, known) = try material(labels), let base, let model else { return }
        let newest = min(limits.refitTried, known.count / 2)
        let tried = known.indices.suffix(newest).filter { known[$0].score != nil }
        guard !tried.isEmpty,
            let trial = try? training.outcome(of: Array(texts.dropLast(newest))).model
        else { return }
        let before = SpamMetrics(tried.map { known[$0].score ?? 0 }, isSpam: tried.map { known[$0].isSpam })
        let scores = tried.map { index in
            extractor.extract(texts[index].text)
            return trial.score(extractor).probability
        }
        let after = SpamMetrics(scores, isSpam: tried.map { known[$0].isSpam })
        guard !after.isBeaten(by: before) else {
            log.info(
                "a spam model made anew does worse on the newest verdicts; the one before stays",
                ["version": .init(model.version), "verdicts": .init("\(known.count)")]
            )
            return
        }
        try take(texts, known, models, inPlaceOf: base.version)
    }

    private var training: SpamTraining { .refit(limits) }

    private func take(
        _ texts: [LabelledText],
        _ labels: [SpamLabel],
        _ models: SpamModelStore,
        inPlaceOf before: String?
    ) throws(MongoError) {
        guard let outcome = try? training.outcome(of: texts), let last = labels.last else { return }
        let version = SpamModelStore.Version(
            version: outcome.model.version,
            at: now(),
            origin: .refit,
            labels: labels.count,
            through: last.at
        )
        if try models.take(outcome.model, version, inPlaceOf: before) {
            log.info(
                "the spam model was made anew",
                ["version": .init(version.version), "verdicts": .init("\(labels.count)")]
            )
        }
    }

    /// The newest verdicts whose texts are still there, oldest first.
    private func material(_ store: SpamLabelStore) throws(MongoError) -> ([LabelledText], [SpamLabel])? {
        let labels = try store.newest(limits.refitMost)
        var (texts, known): ([LabelledText], [SpamLabel]) = ([], [])
        var start = 0
        while start < labels.count {
            let page = Array(labels[start..<min(start + limits.labelsRead, labels.count)])
            let found = try store.texts(of: page)
            for label in page {
                guard let text = found[label.messageID] else { continue }
                texts.append(LabelledText(text, isSpam: label.isSpam))
                known.append(label)
            }
            start += page.count
        }
        let spam = texts.count { $0.isSpam }
        guard spam >= limits.leastOfEach, texts.count - spam >= limits.leastOfEach else { return nil }
        return (texts, known)
    }
}
