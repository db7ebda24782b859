package import Randomness

/// Parts of labelled texts that take turns in being what a model is tried on; copies of one text are in the same part.
package struct SpamFolds: Sendable {
    /// The part of each text.
    package let parts: [Int]
    package let count: Int

    /// As many parts as asked for, each with its share of spam and of the rest.
    package init(_ texts: [LabelledText], count: Int, using random: inout SplitMix) {
        self.count = count
        var groups: [String: [Int]] = [:]
        for (index, text) in texts.enumerated() { groups[text.key, default: []].append(index) }
        var parts = [Int](repeating: 0, count: texts.count)
        for isSpam in [true, false] {
            // In the order of the first text, so that the same seed gives the same parts.
            var members = groups.values.filter { texts[$0[0]].isSpam == isSpam }.sorted { $0[0] < $1[0] }
            for index in members.indices { members.swapAt(index, index + random.below(members.count - index)) }
            for (number, group) in members.enumerated() {
                for index in group { parts[index] = number % count }
            }
        }
        self.parts = parts
    }
}
