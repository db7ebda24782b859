/// What kind of feature of a text: the features of a kind share the kind's weight.
///
/// Source: recipe R1, steps 2 to 7; weights and shares chosen by cross-validation on its training part.
package enum FeatureGroup: Int, CaseIterable, Sendable {
    /// Words, numbers and signs, and pairs of neighbours.
    case words
    /// Stretches of 1 to 5 characters, spaces among them.
    case characters
    /// Stretches of 3 to 5 characters of the text without all that keeps letters apart.
    case squeezed
    /// What a person would notice: a phone number, capitals, a price (``SpamSignal``).
    case signals

    /// The length of the vector of all the group's features in a long text.
    private var weight: Float {
        switch self {
        case .words: 1.4
        case .characters: 0.7
        case .squeezed: 1
        case .signals: 0.3
        }
    }

    /// As if every text had so many features more that say nothing: otherwise the one word of "645" counts as much as forty
    /// words of a letter.
    private var silentFeatures: Float {
        switch self {
        case .words: 20
        case .characters: 100
        case .squeezed: 60
        case .signals: 0
        }
    }

    /// What each of so many distinct features of the group counts in a text.
    @inline(__always)
    func value(ofEachOf count: Int) -> Float {
        count > 0 ? weight / (Float(count) + silentFeatures).squareRoot() : 0
    }

    /// Keeps the groups apart in the table that they share.
    var seed: UInt64 { SpamHash.mixed(0xCBF2_9CE4_8422_2325 &+ UInt64(rawValue) &* 0x9E37_79B9_7F4A_7C15) }
}
