#include "CRE2.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <new>
#include <string>
#include <vector>

using re2::StringPiece;

struct cre2_expression {
    cre2_expression(StringPiece pattern, const RE2::Options &options) : compiled(pattern, options) {}
    RE2 compiled;
};

struct cre2_set {
    explicit cre2_set(const RE2::Options &options) : expressions(options, RE2::UNANCHORED) {}
    RE2::Set expressions;
};

static StringPiece piece(const uint8_t *bytes, size_t count) noexcept {
    return StringPiece(reinterpret_cast<const char *>(bytes), count);
}

static RE2::Options options(bool ignores_case, int64_t memory) noexcept {
    RE2::Options result(RE2::Quiet);
    result.set_case_sensitive(!ignores_case);
    result.set_max_mem(memory);
    return result;
}

static cre2_status status_of(RE2::ErrorCode error) noexcept {
    switch (error) {
    case RE2::NoError: return CRE2_OK;
    case RE2::ErrorBadEscape: return CRE2_ESCAPE;
    case RE2::ErrorBadCharClass: return CRE2_CLASS;
    case RE2::ErrorBadCharRange: return CRE2_CLASS_RANGE;
    case RE2::ErrorMissingBracket: return CRE2_MISSING_BRACKET;
    case RE2::ErrorMissingParen: return CRE2_MISSING_PARENTHESIS;
    case RE2::ErrorUnexpectedParen: return CRE2_UNEXPECTED_PARENTHESIS;
    case RE2::ErrorTrailingBackslash: return CRE2_TRAILING_BACKSLASH;
    case RE2::ErrorRepeatArgument: return CRE2_REPEATS_NOTHING;
    case RE2::ErrorRepeatSize: return CRE2_REPEAT_COUNT;
    case RE2::ErrorRepeatOp: return CRE2_REPEATS_REPEAT;
    case RE2::ErrorBadPerlOp: return CRE2_GROUP_OPTION;
    case RE2::ErrorBadUTF8: return CRE2_UTF8;
    case RE2::ErrorBadNamedCapture: return CRE2_GROUP_NAME;
    case RE2::ErrorPatternTooLarge: return CRE2_TOO_LARGE;
    default: return CRE2_INTERNAL;
    }
}

// RE2 copies the part out of the pattern, so where it stood is known only if the pattern holds it once.
static cre2_range place_of(const std::string &part, StringPiece pattern) noexcept {
    auto start = pattern.find(part);
    if (part.empty() || start == StringPiece::npos || start != pattern.rfind(part)) { return {0, 0}; }
    return {start, start + part.size()};
}

cre2_expression *cre2_compile(const uint8_t *pattern, size_t count, bool ignores_case, int64_t memory,
                              cre2_status *status, cre2_range *fault) {
    *fault = {0, 0};
    try {
        auto *expression = new cre2_expression(piece(pattern, count), options(ignores_case, memory));
        *status = status_of(expression->compiled.error_code());
        if (*status == CRE2_OK) { return expression; }
        *fault = place_of(expression->compiled.error_arg(), piece(pattern, count));
        delete expression;
    } catch (...) {
        *status = CRE2_MEMORY;
    }
    return nullptr;
}

void cre2_destroy(cre2_expression *expression) { delete expression; }

size_t cre2_program_size(const cre2_expression *expression) {
    return static_cast<size_t>(std::max(0, expression->compiled.ProgramSize()));
}

cre2_outcome cre2_find(const cre2_expression *expression, const uint8_t *text, size_t count, cre2_range within,
                       cre2_range *match) {
    try {
        auto whole = piece(text, count);
        StringPiece found;
        bool isFound = expression->compiled.Match(whole, within.start, within.end, RE2::UNANCHORED,
                                                  match == nullptr ? nullptr : &found, match == nullptr ? 0 : 1);
        if (!isFound) { return CRE2_NOT_FOUND; }
        if (match != nullptr) {
            size_t start = found.data() == nullptr ? 0 : static_cast<size_t>(found.data() - whole.data());
            *match = {start, start + found.size()};
        }
        return CRE2_FOUND;
    } catch (...) {
        return CRE2_EXHAUSTED;
    }
}

bool cre2_matches_nothing(const cre2_expression *expression, const uint8_t *text, size_t count, size_t offset) {
    try {
        return expression->compiled.Match(piece(text, count), offset, offset, RE2::ANCHOR_BOTH, nullptr, 0);
    } catch (...) {
        return false;
    }
}

cre2_set *cre2_set_create(int64_t memory) {
    try {
        return new cre2_set(options(false, memory));
    } catch (...) {
        return nullptr;
    }
}

void cre2_set_destroy(cre2_set *set) { delete set; }

bool cre2_set_add(cre2_set *set, const uint8_t *pattern, size_t count, bool ignores_case) {
    try {
        // A set's options hold for all of it; a flag in front holds for one, even where it ends within \Q.
        std::string written(ignores_case ? "(?i)" : "");
        written.append(reinterpret_cast<const char *>(pattern), count);
        return set->expressions.Add(written, nullptr) >= 0;
    } catch (...) {
        return false;
    }
}

bool cre2_set_compile(cre2_set *set) {
    try {
        return set->expressions.Compile();
    } catch (...) {
        return false;
    }
}

cre2_outcome cre2_set_match(const cre2_set *set, const uint8_t *text, size_t count, int32_t *hits, size_t *hit_count) {
    *hit_count = 0;
    try {
        std::vector<int> found;
        RE2::Set::ErrorInfo error{RE2::Set::kNoError};
        if (!set->expressions.Match(piece(text, count), &found, &error)) {
            return error.kind == RE2::Set::kNoError ? CRE2_NOT_FOUND : CRE2_EXHAUSTED;
        }
        std::copy(found.begin(), found.end(), hits);
        *hit_count = found.size();
        return CRE2_FOUND;
    } catch (...) {
        return CRE2_EXHAUSTED;
    }
}
