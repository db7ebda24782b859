#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// simdjson 3.0.1's DOM as C. No function throws, and none reads outside the document it is given.
// Source: https://github.com/simdjson/simdjson/blob/v3.0.1/doc/dom.md

#ifdef __cplusplus
extern "C" {
#endif

/// The parser's own buffers: needed while parsing, not afterwards.
typedef struct csj_parser csj_parser;
/// What a parse results in: every value and text of it lives until the next parse into it, or its end.
typedef struct csj_document csj_document;

/// A place in a document.
typedef struct { const void *place; size_t index; } csj_value;
/// UTF-8, not terminated, inside the document.
typedef struct { const uint8_t *bytes; size_t count; } csj_text;
/// The fields or elements from one place to another.
typedef struct { csj_value next; csj_value end; } csj_range;

typedef enum {
    CSJ_OK, CSJ_EMPTY, CSJ_MALFORMED, CSJ_STRING, CSJ_NUMBER, CSJ_UTF8, CSJ_DEPTH, CSJ_SIZE, CSJ_MEMORY
} csj_status;

typedef enum {
    CSJ_OBJECT, CSJ_ARRAY, CSJ_TEXT, CSJ_INT64, CSJ_UINT64, CSJ_DOUBLE, CSJ_BOOL, CSJ_NULL
} csj_kind;

/// NULL when there is no memory. Deeper and larger input is refused with CSJ_DEPTH and CSJ_SIZE.
csj_parser *csj_parser_create(size_t depth, size_t bytes);
void csj_parser_destroy(csj_parser *parser);
csj_document *csj_document_create(void);
void csj_document_destroy(csj_document *document);

/// Copies what it keeps of `bytes`; sets `root` when it returns CSJ_OK.
csj_status csj_parse(csj_parser *parser, csj_document *document, const uint8_t *bytes, size_t count, csj_value *root);

csj_kind csj_kind_of(csj_value value);
/// Each is false, and leaves `out` alone, when the value is something else or does not fit.
bool csj_get_text(csj_value value, csj_text *out);
bool csj_get_int64(csj_value value, int64_t *out);
bool csj_get_uint64(csj_value value, uint64_t *out);
bool csj_get_double(csj_value value, double *out);
bool csj_get_bool(csj_value value, bool *out);
/// The first field of that name.
bool csj_get_field(csj_value object, const char *key, size_t count, csj_value *out);

/// Nothing to iterate when the value is not an object, or not an array.
csj_range csj_fields(csj_value object);
csj_range csj_elements(csj_value array);
/// False at the end.
bool csj_next_field(csj_range *range, csj_text *key, csj_value *value);
bool csj_next_element(csj_range *range, csj_value *value);

/// The value as compact JSON; valid until the next call for the same document.
csj_text csj_minify(csj_document *document, csj_value value);

#ifdef __cplusplus
}
#endif
