// JSON Schemas (2020-12, as OpenAPI 3.1 and AsyncAPI use them) from the tables of described types: what
// json::read() takes, limits and enums included.
//
//   SchemaRegistry schemas;                                     // one for each OpenAPI document
//   w.key("schema").raw(schemas.add(type_of<Order>()));         // {"$ref":"#/components/schemas/Order"}
//   w.key("schemas").raw(schemas.definitions());                // {"Order":{"type":"object",…},…}
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "tidemark/type_info.hpp"

namespace tidemark::json {

class SchemaRegistry {
 public:
  explicit SchemaRegistry(std::string reference_prefix = "#/components/schemas/");

  // The JSON of a schema for the type: a reference for a struct, else in place. Structs that it reaches become
  // definitions. Two structs of one name from different namespaces become Name and Name2.
  std::string add(const TypeInfo& type);

  // The JSON object of the definitions added so far, in the order of their adding.
  std::string definitions() const;

 private:
  struct Definition {
    const TypeInfo* type;
    std::string name;
    std::string json;
  };
  std::string of_value(const TypeInfo& type, const Limits& limits);
  std::string of_variant(const TypeInfo& type);
  std::string of_object(const TypeInfo& type);
  std::string definition_of(const TypeInfo& type);
  std::string unused_name(const TypeInfo& type) const;

  std::string reference_prefix_;
  std::vector<Definition> definitions_;
};

// A schema that stands alone: with "$schema", and its definitions in "$defs".
std::string schema_document(const TypeInfo& type);

}  // namespace tidemark::json
