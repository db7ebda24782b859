import CRE2

/// RE2's set: says which expressions match, not where.
///
/// `@unchecked Sendable`: `RE2::Set::Match` is `const`, the set is not touched after `init`, and what a search remembers is
/// behind a lock of RE2's (`DFA::cache_mutex_`). Source: https://github.com/google/re2/blob/2022-06-01/re2/dfa.cc
final class ExpressionFilter: @unchecked Sendable {
    private let handle: OpaquePointer

    /// - Parameters:
    ///   - expressions: at least one, each compiled alone before.
    ///   - memory: for the program and what searches remember, in bytes.
    /// - Returns: `nil` where the memory does not suffice for the program.
    init?(_ expressions: [RuleExpression], memory: Int64) {
        guard let handle = cre2_set_create(memory) else { return nil }
        self.handle = handle
        for expression in expressions {
            var pattern = expression.pattern
            let isAdded = pattern.withUTF8 { cre2_set_add(handle, $0.baseAddress, $0.count, expression.ignoresCase) }
            guard isAdded else { return nil }
        }
        guard cre2_set_compile(handle) else { return nil }
    }

    deinit { cre2_set_destroy(handle) }

    /// - Parameter hits: has room for every expression.
    /// - Returns: false where memory did not suffice to tell; there are no hits then.
    func search(_ text: UnsafeBufferPointer<UInt8>, into hits: inout ExpressionHits) -> Bool {
        hits.fill { room, count in
            cre2_set_match(handle, text.baseAddress, text.count, room, &count) != CRE2_EXHAUSTED
        }
    }
}
