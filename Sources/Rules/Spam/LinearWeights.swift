/// What each feature speaks for: positive for spam; and the bias, which every text has.
package struct LinearWeights: Sendable, Equatable {
    /// The constant feature of every text.
    static let biasFeature: Float = 1

    var table: [Float]
    var bias: Float

    package init() {
        table = [Float](repeating: 0, count: SpamHash.places)
        bias = 0
    }

    /// How far a text is on the side of spam.
    func margin(_ features: FeatureSet) -> Float {
        var margin = bias * Self.biasFeature
        table.withUnsafeBufferPointer { table in
            for group in FeatureGroup.allCases {
                var sum: Float = 0
                for place in features[group] { sum += table[Int(place)] }
                margin += sum * features.value(of: group)
            }
        }
        return margin
    }

    package func margin(of sample: Int, in samples: SpamSamples) -> Float {
        var margin = bias * Self.biasFeature
        samples.places.withUnsafeBufferPointer { places in
            table.withUnsafeBufferPointer { table in
                samples.forEachGroup(of: sample) { range, value in
                    var sum: Float = 0
                    for index in range { sum += table[Int(places[index])] }
                    margin += sum * value
                }
            }
        }
        return margin
    }

    mutating func add(_ sample: Int, of samples: SpamSamples, times factor: Float) {
        bias += factor * Self.biasFeature
        samples.places.withUnsafeBufferPointer { places in
            table.withUnsafeMutableBufferPointer { table in
                samples.forEachGroup(of: sample) { range, value in
                    let step = factor * value
                    for index in range { table[Int(places[index])] += step }
                }
            }
        }
    }
}
