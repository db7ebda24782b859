import YAML

/// The ends of a range as they were written.
struct BoundsDraft: Sendable {
    var atLeast: Located<Double>?
    var moreThan: Located<Double>?
    var atMost: Located<Double>?
    var lessThan: Located<Double>?
    var between: Located<[Double]>?

    var isEmpty: Bool { atLeast == nil && moreThan == nil && atMost == nil && lessThan == nil && between == nil }
}

/// Of what a number is one.
struct NumberKind: Sendable {
    /// The numbers that there can be.
    var range: ClosedRange<Double>?
    var isWhole = false

    static let any = NumberKind()
    static let count = NumberKind(range: 0...Double(Int32.max), isWhole: true)
    static let share = NumberKind(range: 0...1)
}

enum BoundsKeys {
    static let table = Keys<BoundsDraft>(
        noun: "comparison",
        keys: [
            Key("at_least", "The number is this or more.", Form<Double>.number().located) { $0.atLeast = $1 },
            Key("more_than", "The number is more than this.", Form<Double>.number().located) { $0.moreThan = $1 },
            Key("at_most", "The number is this or less.", Form<Double>.number().located) { $0.atMost = $1 },
            Key("less_than", "The number is less than this.", Form<Double>.number().located) { $0.lessThan = $1 },
            Key("between", "The number is between these two, or one of them.", pair.located) { $0.between = $1 },
        ],
        also: confused
    )

    /// What people try instead.
    static let confused = [
        "min": "at_least", "max": "at_most", "gt": "more_than", "gte": "at_least", "lt": "less_than", "lte": "at_most",
        "over": "more_than", "above": "more_than", "under": "less_than", "below": "less_than",
        "greater_than": "more_than", "fewer_than": "less_than",
    ]

    private static let pair: Form<[Double]> = {
        let form = Form<Double>.number().list
        let allowed = "two numbers such as [1, 5], the lower one first"
        return Form<[Double]>(allowed: allowed, schema: form.schema) { node, reading in
            guard node.sequence != nil else {
                reading.refuse(node, allowed: allowed)
                return nil
            }
            guard let numbers = form.read(node, &reading) else { return nil }
            if numbers.count == 2, numbers[0] <= numbers[1] { return numbers }
            reading.refuse(
                node.position,
                "\(reading.key): found \(numbers.count == 2 ? "the higher one first" : "\(numbers.count) numbers"); allowed: \(allowed)"
            )
            return nil
        }
    }()
}
