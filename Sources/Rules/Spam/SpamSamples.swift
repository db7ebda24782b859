/// The features of many texts, one after the other, as training goes through them again and again.
package struct SpamSamples: Sendable {
    private(set) var places: [UInt32] = []
    /// Where each group of each text ends, four a text.
    private(set) var ends: [UInt32] = []
    package private(set) var isSpam: [Bool] = []
    /// How much each counts in training.
    private(set) var weights: [Float] = []

    package var count: Int { isSpam.count }

    package init() {}

    /// Takes the features of the text that was extracted last.
    package mutating func append(_ extractor: SpamExtractor, isSpam: Bool, weight: Float = 1) {
        for group in FeatureGroup.allCases {
            places.append(contentsOf: extractor.features[group])
            ends.append(UInt32(places.count))
        }
        self.isSpam.append(isSpam)
        weights.append(weight)
    }

    /// The sample's features, group by group, each with what one of them counts.
    @inline(__always)
    func forEachGroup(of sample: Int, _ body: (Range<Int>, Float) -> Void) {
        let groups = FeatureGroup.allCases.count
        for group in 0..<groups {
            let index = sample * groups + group
            let range = (index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])
            body(range, FeatureGroup.allCases[group].value(ofEachOf: range.count))
        }
    }
}
