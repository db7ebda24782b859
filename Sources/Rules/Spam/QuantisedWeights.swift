/// A model's weights as they are stored and asked: two bytes each.
///
/// With one byte each, a text in 4,000 came out otherwise.
struct QuantisedWeights: Sendable, Equatable {
    /// By place; -32,767 to 32,767.
    let table: [Int16]
    /// What 1 of the table stands for.
    let scale: Float
    let bias: Float

    init(table: [Int16], scale: Float, bias: Float) { (self.table, self.scale, self.bias) = (table, scale, bias) }

    init(_ weights: LinearWeights) {
        let most = weights.table.reduce(Float(0)) { max($0, abs($1)) }
        let scale = most > 0 ? most / 32_767 : 1
        table = weights.table.map { Int16(($0 / scale).rounded()) }
        self.scale = scale
        bias = weights.bias
    }

    func margin(_ features: FeatureSet) -> Float {
        var margin: Float = 0
        table.withUnsafeBufferPointer { table in
            for group in FeatureGroup.allCases {
                // A text has at most 2^18 features of a group: far below what 64 bits hold.
                var sum = 0
                for place in features[group] { sum &+= Int(table[Int(place)]) }
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
