package import Limits

/// Finds the features of texts, one after the other; its memory is reused, so keep one for each thread.
///
/// A text takes time in proportion to its length, which is cut at ``Limits/Rules/textBytes``. Source: recipe R1.
package final class SpamExtractor {
    let text: SpamText
    let squeezed: SqueezedText
    private(set) var features = FeatureSet()
    private(set) var signals = SpamSignals()

    package init(limits: Limits.Rules = Limits.Rules()) {
        text = SpamText(limits: limits)
        squeezed = SqueezedText(capacity: text.capacity)
    }

    deinit { features.deallocate() }

    /// Finds the features of a text in place of the last one's.
    package func extract(_ string: String) {
        text.read(string)
        squeezed.squeeze(text)
        features.removeAll()
        let repeated = addWords()
        features.end(.words)
        addStretches(of: text.characters, text.characterCount, group: .characters, lengths: 1...5)
        features.end(.characters)
        addStretches(of: squeezed.scalars, squeezed.count, group: .squeezed, lengths: 3...5)
        features.end(.squeezed)
        signals.count(text, links: squeezed.links, repeatedWords: repeated)
        addSignals()
        features.end(.signals)
    }

    /// - Returns: how many words had been said before.
    private func addWords() -> Int {
        let seed = FeatureGroup.words.seed
        var (before, repeated): (UInt64, Int) = (WordHash.first, 0)
        for token in text.tokens {
            var (alone, paired) = (seed, SpamHash.joined(before, WordHash.gap))
            WordHash.join(text, token, &alone, &paired)
            let known = features.count
            features.insert(alone)
            if token.kind == .word, features.count == known { repeated &+= 1 }
            if before != WordHash.first { features.insert(paired) }
            before = alone
        }
        return repeated
    }

    @inline(__always)
    private func addStretches(
        of scalars: UnsafeMutablePointer<UInt32>,
        _ count: Int,
        group: FeatureGroup,
        lengths: ClosedRange<Int>
    ) {
        var features = features
        let seed = group.seed
        for start in 0..<count {
            var hash = seed
            let end = min(start &+ lengths.upperBound, count)
            var place = start
            while place < end {
                hash = SpamHash.joined(hash, scalars[place])
                place &+= 1
                if place &- start >= lengths.lowerBound { features.insert(hash) }
            }
        }
        self.features = features
    }

    private func addSignals() {
        for signal in SpamSignal.allCases {
            let value = signals[signal]
            for (number, step) in SpamSignal.steps[Int(signal.rawValue)].enumerated() where value >= step {
                features.insert(SignalHash.hash(signal, step: number))
            }
        }
        for phone in signals.phones {
            for hash in SignalHash.hashes(ofPhone: phone) { features.insert(hash) }
        }
    }
}

/// The hashes of words and pairs of them.
enum WordHash {
    /// Of a token, and of it and the one before.
    static func hashes(_ text: SpamText, _ index: Int) -> (alone: UInt64, paired: UInt64?) {
        func alone(_ index: Int, after before: UInt64) -> (UInt64, UInt64) {
            var (alone, paired) = (FeatureGroup.words.seed, SpamHash.joined(before, gap))
            join(text, text.tokens[index], &alone, &paired)
            return (alone, paired)
        }
        guard index > 0 else { return (alone(index, after: first).0, nil) }
        let (hash, paired) = alone(index, after: alone(index - 1, after: first).0)
        return (hash, paired)
    }

    /// Stands for there being no word before.
    static let first: UInt64 = 0
    static let gap: UInt32 = 0x20
    /// Numbers are known by how long they are, up to this.
    private static let longestNumber = 14

    @inline(__always)
    static func join(_ text: SpamText, _ token: SpamText.Token, _ alone: inout UInt64, _ paired: inout UInt64) {
        if token.kind == .number {
            for scalar in [UInt32(UInt8(ascii: "#")), UInt32(min(token.count, longestNumber))] {
                alone = SpamHash.joined(alone, scalar)
                paired = SpamHash.joined(paired, scalar)
            }
        } else {
            for place in token.range {
                alone = SpamHash.joined(alone, text.scalars[place])
                paired = SpamHash.joined(paired, text.scalars[place])
            }
        }
    }
}

/// The hashes of signals.
enum SignalHash {
    /// Behind the numbers of signals.
    private static let phone: UInt32 = 1_000

    @inline(__always)
    static func hash(_ signal: SpamSignal, step: Int) -> UInt64 {
        SpamHash.joined(SpamHash.joined(FeatureGroup.signals.seed, signal.rawValue), UInt32(step))
    }

    /// Of how many digits it has, and of its first two and three.
    static func hashes(ofPhone phone: (digits: Int, prefix: UInt32)) -> [UInt64] {
        let seed = FeatureGroup.signals.seed
        return [(UInt32(0), UInt32(phone.digits)), (1, phone.prefix / 10), (2, phone.prefix)].map { kind, value in
            SpamHash.joined(SpamHash.joined(seed, Self.phone + kind), value)
        }
    }
}
