import CRE2
package import Limits

/// Expressions searched for in one pass over a text, anywhere in it, in time linear in the text's length.
///
/// Text and patterns are UTF-8. One set serves any number of threads at once, each with hits of its own; they share what
/// the set keeps of its search under RE2's own lock.
/// Source: https://github.com/google/re2/blob/2022-06-01/re2/set.h
package struct ExpressionSet: Sendable {
    private let expressions: [CompiledExpression]
    /// `nil` for a set of nothing.
    private let filter: ExpressionFilter?

    /// - Throws: every expression that is at fault, with what is wrong.
    package init(_ expressions: [RuleExpression], limits: Limits.Rules = Limits.Rules()) throws(ExpressionSetError) {
        guard expressions.count <= limits.expressions else {
            let message = "\(expressions.count) expressions, and \(limits.expressions) are allowed; remove some"
            throw ExpressionSetError(index: limits.expressions, message: message)
        }
        self.expressions = try Self.compile(expressions, limits: limits)
        filter = try Self.filter(expressions, limits: limits)
    }

    /// How many expressions there are.
    package var count: Int { expressions.count }

    /// Finds which expressions match anywhere in `text`.
    ///
    /// - Parameter hits: what was in it is gone afterwards; its memory is used again.
    package func matches(in text: Span<UInt8>, into hits: inout ExpressionHits) {
        hits.clear(room: count)
        guard let filter else { return }
        text.withUnsafeBufferPointer { text in
            if !filter.search(text, into: &hits) { searchOneByOne(text, into: &hits) }
        }
    }

    /// Where the expression `index` matches first in `text`, in bytes, from `start` on: text before it still counts for
    /// `\b` and `^`.
    package func firstMatch(of index: Int, in text: Span<UInt8>, from start: Int = 0) -> Range<Int>? {
        expressions[index].firstMatch(in: text, from: start)
    }

    /// For when the set gave up for want of memory, which single expressions never do: they go on without remembering.
    ///
    /// RE2 of 2022 tries its memory out when a set is compiled and has not been seen to give up later; others did.
    /// Source: https://github.com/google/re2/issues/136
    func searchOneByOne(_ text: UnsafeBufferPointer<UInt8>, into hits: inout ExpressionHits) {
        hits.wereSoughtOneByOne = true
        for (index, expression) in expressions.enumerated() where expression.occurs(in: text) { hits.append(index) }
    }

    private static func compile(
        _ expressions: [RuleExpression],
        limits: Limits.Rules
    ) throws(ExpressionSetError) -> [CompiledExpression] {
        let share = limits.singleExpressionsBytes / Int64(max(1, expressions.count))
        let memory = min(max(share, 131_072), 1_048_576)
        var (compiled, faults): ([CompiledExpression], [ExpressionFault]) = ([], [])
        var (all, counted) = (Allowance(limits.expressionsProgram), Allowance(limits.countedProgram))
        for (index, expression) in expressions.enumerated() {
            do throws(ExpressionFault) {
                let one = try CompiledExpression(expression, index: index, memory: memory, limits: limits)
                compiled.append(one)
                if all.isExceeded(by: one.programSize) {
                    throw ExpressionFault(index: index, offset: nil, message: togetherTooLarge)
                }
                if one.isCounted, counted.isExceeded(by: one.programSize) {
                    throw ExpressionFault(index: index, offset: nil, message: togetherCountingTooMuch)
                }
            } catch {
                faults.append(error)
            }
        }
        guard faults.isEmpty else { throw ExpressionSetError(faults: faults) }
        return compiled
    }

    private static func filter(
        _ expressions: [RuleExpression],
        limits: Limits.Rules
    ) throws(ExpressionSetError) -> ExpressionFilter? {
        guard !expressions.isEmpty else { return nil }
        guard let filter = ExpressionFilter(expressions, memory: limits.expressionSetBytes) else {
            throw ExpressionSetError(index: expressions.count - 1, message: togetherTooLarge)
        }
        return filter
    }

    private static let togetherTooLarge =
        "with it, all expressions together are too large; shorten some, or use lists of terms"
    private static let togetherCountingTooMuch =
        "with it, all counts {…} and wildcards together are too many; lower the counts, or write + or * instead"
}

/// What may be used up, and who was the first to go beyond.
private struct Allowance {
    private var rest: Int

    init(_ total: Int) { rest = total }

    /// True once: whatever comes after the first excess is not to blame.
    mutating func isExceeded(by amount: Int) -> Bool {
        defer { rest -= amount }
        return rest >= 0 && rest < amount
    }
}

extension ExpressionSetError {
    fileprivate init(index: Int, message: String) {
        self.init(faults: [ExpressionFault(index: index, offset: nil, message: message)])
    }
}
