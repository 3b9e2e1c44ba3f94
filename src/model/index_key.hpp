// The order-preserving bytes of an indexed value: comparing two encodings bytewise compares the values, and no encoding
// is a prefix of another one. docs/formats/documents.md has the grammar.
//
// null < false < true < numbers < strings. Numbers compare by what they are, across int64, uint64 and double: 1 and 1.0
// have the same bytes, and 2^53 + 1 is not rounded to its neighbour.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "model/document.hpp"

namespace tidemark::model {

// The longest string that can be indexed. Escaped it takes twice that at most, which keeps an index entry (its key also
// holds an id of up to 512 bytes) well within one 4 KiB block.
constexpr std::size_t INDEXED_STRING_BYTES_MAX = 1024;

// Appends the encoding. Errors, which do not know the index: `too_large` for a longer string, `invalid` for a NaN,
// which has no order. `out` is as it was then.
Result<void> append_index_value(std::string& out, const IndexValue& value);

// How many bytes the encoding at the front of `bytes` has; none when there is no whole one.
std::optional<std::size_t> index_value_size(std::string_view bytes);

// Whether these bytes are the encoding of null.
bool is_null_index_value(std::string_view encoded);

}  // namespace tidemark::model
