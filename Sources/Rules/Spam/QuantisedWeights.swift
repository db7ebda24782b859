/// A model's weights as they are stored and asked: a byte each.
///
/// What rounding takes away is not measurable: hundreds of features even each other out.
struct QuantisedWeights: Sendable, Equatable {
    /// By place; -127 to 127.
    let table: [Int8]
    /// What 1 of the table stands for.
    let scale: Float
    let bias: Float

    init(table: [Int8], scale: Float, bias: Float) { (self.table, self.scale, self.bias) = (table, scale, bias) }

    init(_ weights: LinearWeights) {
        let most = weights.table.reduce(Float(0)) { max($0, abs($1)) }
        let scale = most > 0 ? most / 127 : 1
        table = weights.table.map { Int8(($0 / scale).rounded()) }
        self.scale = scale
        bias = weights.bias
    }

    func margin(_ features: FeatureSet) -> Float {
        var margin: Float = 0
        table.withUnsafeBufferPointer { table in
            for group in FeatureGroup.allCases {
                var sum: Int32 = 0
                // A text has at most 2^18 features of a group, of 127 each: far below 2^31.
                for place in features[group] { sum &+= Int32(table[Int(place)]) }
                margin += Float(sum) * features.value(of: group)
            }
        }
        return margin * scale + bias * LinearWeights.biasFeature
    }

    /// What to go on learning from.
    var weights: LinearWeights {
        var weights = LinearWeights()
        weights.table = table.map { Float($0) * scale }
        weights.bias = bias
        return weights
    }
}
