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
                    margin += Self.sum(of: places[range], in: table) * value
                }
            }
        }
        return margin
    }

    /// Four sums side by side: one alone would wait for each of its additions.
    @inline(__always)
    private static func sum(of places: Slice<UnsafeBufferPointer<UInt32>>, in table: UnsafeBufferPointer<Float>)
        -> Float
    {
        var sums = SIMD4<Float>.zero
        let four = places.count & ~3
        var index = places.startIndex
        let (whole, end) = (index + four, places.endIndex)
        let places = places.base
        while index < whole {
            sums += SIMD4(
                table[Int(places[index])],
                table[Int(places[index + 1])],
                table[Int(places[index + 2])],
                table[Int(places[index + 3])]
            )
            index += 4
        }
        var rest: Float = 0
        while index < end {
            rest += table[Int(places[index])]
            index += 1
        }
        return sums.sum() + rest
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
