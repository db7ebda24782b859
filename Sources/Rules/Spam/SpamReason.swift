/// Something in a text that speaks for spam, or against it, in words for a moderator.
package struct SpamReason: Sendable, Equatable {
    /// Such as `the words “call now”`, or `a phone number and a price`.
    package let words: String
    /// What it adds to the margin: above 0 for spam.
    package let weight: Double
}

extension SpamModel {
    /// What in the text that was extracted last speaks loudest, for spam or against it, the strongest first.
    ///
    /// Computed from the text itself: a model keeps no words. What stretches of letters say is divided among the words that they
    /// touch; so a reason tells where the model looked, as well as a sum over hundreds of features can be told.
    package func reasons(_ extractor: SpamExtractor, most: Int = 5) -> [SpamReason] {
        SpamReason.reasons(weights, extractor, most: most)
    }
}

extension SpamReason {
    static func reasons(_ weights: QuantisedWeights, _ extractor: SpamExtractor, most: Int) -> [SpamReason] {
        var tally = ReasonTally(weights, extractor)
        tally.addWords()
        tally.addCharacters()
        tally.addSqueezed()
        let reasons = tally.phrases() + tally.signals()
        return Array(reasons.sorted { abs($0.weight) > abs($1.weight) }.prefix(most))
    }
}

/// Divides what each feature says among the scalars of a text that it is made of.
private struct ReasonTally {
    private static let longestPhrase = 4
    private static let longestText = 60
    /// What of the loudest word's weight its neighbour needs to be told together with it.
    private static let company = 0.35
    /// Weights closer to 0 than this say nothing.
    private static let least = 0.01

    private let weights: QuantisedWeights
    private let extractor: SpamExtractor
    private let text: SpamText
    /// By scalar of the text.
    private var shares: [Double]

    init(_ weights: QuantisedWeights, _ extractor: SpamExtractor) {
        (self.weights, self.extractor, text) = (weights, extractor, extractor.text)
        shares = [Double](repeating: 0, count: extractor.text.count)
    }

    private func weight(_ place: UInt32, _ group: FeatureGroup) -> Double {
        Double(Float(weights.table[Int(place)]) * weights.scale * extractor.features.value(of: group))
    }

    private mutating func share(_ weight: Double, among scalars: some Collection<Int>) {
        let seen = scalars.filter { !text.kinds[$0].contains(.space) }
        for scalar in seen { shares[scalar] += weight / Double(seen.count) }
    }

    mutating func addWords() {
        var known: Set<UInt32> = []
        for (index, token) in text.tokens.enumerated() {
            let hashes = WordHash.hashes(text, index)
            if known.insert(SpamHash.place(hashes.alone)).inserted {
                share(weight(SpamHash.place(hashes.alone), .words), among: token.range)
            }
            if let pair = hashes.paired.map(SpamHash.place), known.insert(pair).inserted {
                share(weight(pair, .words), among: Array(text.tokens[index - 1].range) + Array(token.range))
            }
        }
    }

    mutating func addCharacters() {
        // The places of characters: white space counts once, with a space before and behind everything.
        var origins = [-1]
        var isSpace = true
        for place in 0..<text.count {
            let space = text.kinds[place].contains(.space)
            if !space || !isSpace { origins.append(place) }
            isSpace = space
        }
        if !isSpace { origins.append(-1) }
        addStretches(text.characters, origins, .characters, 1...5)
    }

    mutating func addSqueezed() {
        let origins = (0..<extractor.squeezed.count).map { Int(extractor.squeezed.origins[$0]) }
        addStretches(extractor.squeezed.scalars, origins, .squeezed, 3...5)
    }

    private mutating func addStretches(
        _ scalars: UnsafeMutablePointer<UInt32>,
        _ origins: [Int],
        _ group: FeatureGroup,
        _ lengths: ClosedRange<Int>
    ) {
        var known: Set<UInt32> = []
        for start in origins.indices {
            var hash = group.seed
            for end in start..<min(start + lengths.upperBound, origins.count) {
                hash = SpamHash.joined(hash, scalars[end])
                let place = SpamHash.place(hash)
                guard end - start + 1 >= lengths.lowerBound, known.insert(place).inserted else { continue }
                share(weight(place, group), among: origins[start...end].filter { $0 >= 0 })
            }
        }
    }

    // MARK: For people

    /// Words that speak the same way beside each other are told together.
    func phrases() -> [SpamReason] {
        let tokens = text.tokens.filter { $0.kind != .sign }
        let sums = tokens.map { token in token.range.reduce(0) { $0 + shares[$1] } }
        var isTold = [Bool](repeating: false, count: tokens.count)
        var reasons: [String: Double] = [:]
        for index in tokens.indices.sorted(by: { abs(sums[$0]) > abs(sums[$1]) }) {
            guard !isTold[index], abs(sums[index]) >= Self.least else { continue }
            var range = index...index
            func takes(_ other: Int) -> Bool {
                tokens.indices.contains(other) && !isTold[other] && range.count < Self.longestPhrase
                    && sums[other] * sums[index] > 0 && abs(sums[other]) >= Self.company * abs(sums[index])
            }
            while true {
                if takes(range.upperBound + 1) {
                    range = range.lowerBound...range.upperBound + 1
                } else if takes(range.lowerBound - 1) {
                    range = range.lowerBound - 1...range.upperBound
                } else {
                    break
                }
            }
            for other in range { isTold[other] = true }
            reasons[words(tokens[range]), default: 0] += sums[range].reduce(0, +)
        }
        return reasons.map { SpamReason(words: $0.key, weight: $0.value) }.sorted { $0.words < $1.words }
    }

    private func words(_ tokens: ArraySlice<SpamText.Token>) -> String {
        let words = tokens.map { token in
            String(String.UnicodeScalarView(token.range.compactMap { Unicode.Scalar(text.scalars[$0]) }))
        }
        let phrase = words.joined(separator: " ")
        let shown = phrase.count > Self.longestText ? "\(phrase.prefix(Self.longestText))…" : phrase
        return tokens.count > 1
            ? "the words “\(shown)”" : tokens.first?.kind == .number ? "the number \(shown)" : "the word “\(shown)”"
    }

    func signals() -> [SpamReason] {
        var sums: [String: Double] = [:]
        for signal in SpamSignal.allCases {
            for (step, least) in SpamSignal.steps[Int(signal.rawValue)].enumerated()
            where extractor.signals[signal] >= least {
                sums[signal.words, default: 0] += weight(SpamHash.place(SignalHash.hash(signal, step: step)), .signals)
            }
        }
        for phone in extractor.signals.phones {
            for hash in SignalHash.hashes(ofPhone: phone) {
                sums[SpamSignal.phones.words, default: 0] += weight(SpamHash.place(hash), .signals)
            }
        }
        return sums.filter { abs($0.value) >= Self.least }.map { SpamReason(words: $0.key, weight: $0.value) }
            .sorted { $0.words < $1.words }
    }
}
