// TypeInfo: what Tidemark knows of a C++ type at run time, as a table of data and a few functions. One table per
// type; described.hpp makes them, and the JSON reader and writer, the stream fields and the schemas walk them,
// so that all of that is compiled once instead of once for each type.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tidemark {

enum class TypeKind : std::uint8_t {
  boolean,
  integer,      // 8 to 64 bits, signed or not
  real,         // double
  string,       // std::string
  enumeration,  // by name
  money,        // tidemark::Money
  time,         // tidemark::TimePoint
  optional,     // std::optional<element>
  vector,       // std::vector<element>
  map,          // std::map<std::string, element>
  object,       // a described struct
  variant,      // std::variant of described structs, told apart by the member "type"
  json,         // tidemark::Json: any value, as it is
};

// What a value must keep to, beside its type; checked when it is read, shown in its JSON Schema.
struct Limits {
  // For numbers and Money (in whole units: 0.01). Compared as double: exact up to 2^53.
  std::optional<double> min = {}, max = {};
  // For strings in Unicode characters, for vectors and maps in elements.
  std::optional<std::size_t> min_length = {}, max_length = {};
};

struct TypeInfo;

struct FieldInfo {
  std::string_view name;
  const TypeInfo* type = nullptr;
  std::uint32_t offset = 0;        // in bytes, within the struct
  bool required = false;           // false for std::optional
  const Limits* limits = nullptr;  // of the value inside, for std::optional; null when there are none

  const void* in(const void* object) const { return static_cast<const std::byte*>(object) + offset; }
  void* in(void* object) const { return static_cast<std::byte*>(object) + offset; }
};

struct Enumerator {
  std::string_view name;
  std::int64_t value;
};

struct OptionalTable {
  void* (*emplace)(void* optional);
  void (*reset)(void* optional);
  const void* (*get)(const void* optional);  // null when empty
};

struct VectorTable {
  void (*clear)(void* vector);
  void* (*append)(void* vector);  // a new element at the end
  std::size_t (*size)(const void* vector);
  const void* (*data)(const void* vector);  // elements lie side by side, element->size bytes each
};

struct MapTable {
  using Visitor = void (*)(void* context, std::string_view key, const void* value);
  void (*clear)(void* map);
  void* (*insert)(void* map, std::string_view key);  // null when the key is there already
  std::size_t (*size)(const void* map);
  void (*visit)(const void* map, Visitor visitor, void* context);  // in the order of the keys
};

struct VariantTable {
  void* (*emplace)(void* variant, std::size_t index);
  std::size_t (*index)(const void* variant);
  const void* (*get)(const void* variant);
};

// Its address is the identity of the type. All tables are constants: valid at any time, from any thread.
struct TypeInfo {
  TypeKind kind;
  bool is_signed = false;             // integer; enumeration: of the underlying type
  std::uint32_t size = 0;             // sizeof
  std::string_view name = {};         // object, enumeration: without namespaces ("RefundOrder"); else empty
  const TypeInfo* element = nullptr;  // optional, vector, map
  std::span<const FieldInfo> (*fields)() = nullptr;    // object
  std::span<const Enumerator> enumerators = {};        // enumeration
  std::span<const TypeInfo* const> alternatives = {};  // variant; "type" holds their names
  const OptionalTable* optional = nullptr;
  const VectorTable* vector = nullptr;
  const MapTable* map = nullptr;
  const VariantTable* variant = nullptr;
};

// The type's name as topics and collections are called: RefundOrder → "refund_order", HTTPRoute → "http_route".
// Empty for types without a name.
std::string snake_case_name(const TypeInfo& type);

// The field of that name, or null.
const FieldInfo* find_field(const TypeInfo& object, std::string_view name);

// The member of the struct at `object`, which must be a std::string; throws Invalid when it is of another type.
const std::string& string_member(const void* object, const FieldInfo& field);

// The member as text, as stream fields have it: strings as they are, numbers in decimal, enums by name; empty for
// an absent optional. Throws Invalid for a member that is a struct, vector, map or variant. For keys and ids.
std::string member_text(const void* object, const FieldInfo& field);

}  // namespace tidemark
