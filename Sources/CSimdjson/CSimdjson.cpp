#define SIMDJSON_EXCEPTIONS 0  // error codes instead: nothing may be thrown into Swift
#include <simdjson.h>

#include <cstring>
#include <new>
#include <string>
#include <type_traits>

#include "CSimdjson.h"

using namespace simdjson;

struct csj_parser {
    explicit csj_parser(size_t bytes) : parser(bytes) {}
    dom::parser parser;
};

struct csj_document {
    dom::document document;
    std::string minified;
};

// simdjson's references are two words with private constructors, so C carries them as opaque bytes.
template <typename Reference>
static csj_value pack(const Reference &reference) noexcept {
    static_assert(sizeof(Reference) == sizeof(csj_value) && std::is_trivially_copyable<Reference>::value, "");
    csj_value value;
    std::memcpy(&value, &reference, sizeof value);
    return value;
}

template <typename Reference>
static Reference unpack(csj_value value) noexcept {
    static_assert(sizeof(Reference) == sizeof(csj_value) && std::is_trivially_copyable<Reference>::value, "");
    Reference reference;
    std::memcpy(static_cast<void *>(&reference), &value, sizeof value);
    return reference;
}

template <typename Result, typename Out>
static bool assign(Result result, Out *out) noexcept {
    if (result.error()) { return false; }
    *out = result.value_unsafe();
    return true;
}

static csj_text as_text(std::string_view text) noexcept {
    return {reinterpret_cast<const uint8_t *>(text.data()), text.size()};
}

static csj_status status(error_code error) noexcept {
    switch (error) {
    case SUCCESS: return CSJ_OK;
    case EMPTY: return CSJ_EMPTY;
    case STRING_ERROR: return CSJ_STRING;
    case NUMBER_ERROR: return CSJ_NUMBER;
    case NUMBER_OUT_OF_RANGE: return CSJ_NUMBER;
    case UTF8_ERROR: return CSJ_UTF8;
    case DEPTH_ERROR: return CSJ_DEPTH;
    case CAPACITY: return CSJ_SIZE;
    case MEMALLOC: return CSJ_MEMORY;
    default: return CSJ_MALFORMED;
    }
}

csj_parser *csj_parser_create(size_t depth, size_t bytes) {
    auto *parser = new (std::nothrow) csj_parser(bytes);
    if (parser != nullptr && parser->parser.allocate(0, depth) != SUCCESS) {
        delete parser;
        return nullptr;
    }
    return parser;
}

void csj_parser_destroy(csj_parser *parser) { delete parser; }
csj_document *csj_document_create(void) { return new (std::nothrow) csj_document; }
void csj_document_destroy(csj_document *document) { delete document; }

csj_status csj_parse(csj_parser *parser, csj_document *document, const uint8_t *bytes, size_t count, csj_value *root) {
    dom::element element;
    auto error = parser->parser.parse_into_document(document->document, bytes, count).get(element);
    if (!error) { *root = pack(element); }
    return status(error);
}

csj_kind csj_kind_of(csj_value value) {
    switch (unpack<dom::element>(value).type()) {
    case dom::element_type::OBJECT: return CSJ_OBJECT;
    case dom::element_type::ARRAY: return CSJ_ARRAY;
    case dom::element_type::STRING: return CSJ_TEXT;
    case dom::element_type::INT64: return CSJ_INT64;
    case dom::element_type::UINT64: return CSJ_UINT64;
    case dom::element_type::DOUBLE: return CSJ_DOUBLE;
    case dom::element_type::BOOL: return CSJ_BOOL;
    default: return CSJ_NULL;
    }
}

bool csj_get_text(csj_value value, csj_text *out) {
    std::string_view text;
    if (!assign(unpack<dom::element>(value).get_string(), &text)) { return false; }
    *out = as_text(text);
    return true;
}

bool csj_get_int64(csj_value value, int64_t *out) { return assign(unpack<dom::element>(value).get_int64(), out); }
bool csj_get_uint64(csj_value value, uint64_t *out) { return assign(unpack<dom::element>(value).get_uint64(), out); }
bool csj_get_double(csj_value value, double *out) { return assign(unpack<dom::element>(value).get_double(), out); }
bool csj_get_bool(csj_value value, bool *out) { return assign(unpack<dom::element>(value).get_bool(), out); }

bool csj_get_field(csj_value object, const char *key, size_t count, csj_value *out) {
    dom::element element;
    if (!assign(unpack<dom::element>(object).at_key(std::string_view(key, count)), &element)) { return false; }
    *out = pack(element);
    return true;
}

csj_range csj_fields(csj_value value) {
    dom::object object;
    if (!assign(unpack<dom::element>(value).get_object(), &object)) { return {value, value}; }
    return {pack(object.begin()), pack(object.end())};
}

csj_range csj_elements(csj_value value) {
    dom::array array;
    if (!assign(unpack<dom::element>(value).get_array(), &array)) { return {value, value}; }
    return {pack(array.begin()), pack(array.end())};
}

bool csj_next_field(csj_range *range, csj_text *key, csj_value *value) {
    auto field = unpack<dom::object::iterator>(range->next);
    if (!(field != unpack<dom::object::iterator>(range->end))) { return false; }
    *key = as_text(field.key());
    *value = pack(field.value());
    range->next = pack(++field);
    return true;
}

bool csj_next_element(csj_range *range, csj_value *value) {
    auto element = unpack<dom::array::iterator>(range->next);
    if (!(element != unpack<dom::array::iterator>(range->end))) { return false; }
    *value = pack(*element);
    range->next = pack(++element);
    return true;
}

csj_text csj_minify(csj_document *document, csj_value value) {
    document->minified = simdjson::minify(unpack<dom::element>(value));
    return as_text(document->minified);
}
