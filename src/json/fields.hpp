// Described structs ⇄ the flat name-value pairs of a stream entry (DESIGN.md, "Topics on the wire"): numbers in
// shortest decimal form, booleans true and false, strings as they are, enums by name, Money in decimal, times in
// RFC 3339, nested values (structs, vectors, maps, variants) as JSON, absent optionals left out.
//
//   json::write_fields(&event, type, [&](std::string_view name, std::string_view value) { fields.add(name, value); });
//   TIDEMARK_TRY(json::read_fields([&](std::string_view name) { return fields.find(name); }, &event, type));
//
// A variant of structs is the pairs of its alternative, after the pair "type" with the alternative's name.
#pragma once
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "json/function_ref.hpp"
#include "tidemark/type_info.hpp"

namespace tidemark::json {

// Gets each pair, in the members' order. Both views are valid during the call only.
using FieldSink = FunctionRef<void(std::string_view name, std::string_view value)>;

// The value of the pair of that name, or nothing. The view must stay valid until read_fields() returns.
using FieldSource = FunctionRef<std::optional<std::string_view>(std::string_view name)>;

// `type` is a struct or a variant. `invalid`, with the member's path, for a double that is not finite and an enum
// without a name; some pairs have been given to the sink then.
Result<void> write_fields(const void* object, const TypeInfo& type, FieldSink sink);

// Asks for each member by name; pairs that the struct does not know are not looked at. `invalid`, with the path,
// for a wrong or missing value; `malformed` for a nested value that is not JSON.
Result<void> read_fields(FieldSource source, void* object, const TypeInfo& type);

}  // namespace tidemark::json
