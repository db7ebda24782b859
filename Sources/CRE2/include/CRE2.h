#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// RE2 and RE2::Set (libre2 9, 2022-06-01) as C. No function throws, and RE2 is told to log nothing.
// Patterns and texts are UTF-8 with a count, and may hold any byte, 0 included.
// Source: https://github.com/google/re2/blob/2022-06-01/re2/re2.h and re2/set.h

#ifdef __cplusplus
extern "C" {
#endif

/// One compiled expression. Several threads may search with it at once (re2.h: "safe for concurrent use").
typedef struct cre2_expression cre2_expression;
/// Expressions searched for together. Several threads may search with it at once, once it is compiled.
typedef struct cre2_set cre2_set;

/// Bytes of a pattern or a text.
typedef struct { size_t start; size_t end; } cre2_range;

typedef enum {
    CRE2_OK, CRE2_ESCAPE, CRE2_CLASS, CRE2_CLASS_RANGE, CRE2_MISSING_BRACKET, CRE2_MISSING_PARENTHESIS,
    CRE2_UNEXPECTED_PARENTHESIS, CRE2_TRAILING_BACKSLASH, CRE2_REPEATS_NOTHING, CRE2_REPEAT_COUNT,
    CRE2_REPEATS_REPEAT, CRE2_GROUP_OPTION, CRE2_UTF8, CRE2_GROUP_NAME, CRE2_TOO_LARGE, CRE2_MEMORY, CRE2_INTERNAL
} cre2_status;

/// CRE2_EXHAUSTED: there was not enough memory to tell, so nothing is known.
typedef enum { CRE2_FOUND, CRE2_NOT_FOUND, CRE2_EXHAUSTED } cre2_outcome;

/// NULL unless `status` is CRE2_OK. `fault` is the part of the pattern that RE2 names, empty where it names none or it is
/// not clear which part that is. `memory` bounds the program and what searching keeps, in bytes.
cre2_expression *cre2_compile(const uint8_t *pattern, size_t count, bool ignores_case, int64_t memory,
                              cre2_status *status, cre2_range *fault);
void cre2_destroy(cre2_expression *expression);
/// Instructions of the compiled program.
size_t cre2_program_size(const cre2_expression *expression);

/// The first match within `within`, judged with the text around it; `match` is set when it is found, and may be NULL.
cre2_outcome cre2_find(const cre2_expression *expression, const uint8_t *text, size_t count, cre2_range within,
                       cre2_range *match);
/// Whether exactly nothing, at `offset` of the text, is a match.
bool cre2_matches_nothing(const cre2_expression *expression, const uint8_t *text, size_t count, size_t offset);

/// NULL when there is no memory.
cre2_set *cre2_set_create(int64_t memory);
void cre2_set_destroy(cre2_set *set);
/// Numbers expressions from 0. False when the pattern is refused, which is to be asked of `cre2_compile`.
bool cre2_set_add(cre2_set *set, const uint8_t *pattern, size_t count, bool ignores_case);
/// Called once, after the last expression was added. False when `memory` is not enough.
bool cre2_set_compile(cre2_set *set);
/// Writes the numbers of the expressions that match somewhere, in no order; `hits` has room for every expression.
cre2_outcome cre2_set_match(const cre2_set *set, const uint8_t *text, size_t count, int32_t *hits, size_t *hit_count);

#ifdef __cplusplus
}
#endif
