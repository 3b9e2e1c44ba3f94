#include "json/schema.hpp"

#include <gtest/gtest.h>

#include "json/json.hpp"
#include "json/test_types.hpp"

namespace elsewhere {
struct Item {
  bool other = false;
};
BOOST_DESCRIBE_STRUCT(Item, (), (other))
}  // namespace elsewhere

namespace tidemark::json::test {
namespace {

TEST(Schema, DescribesScalarsInPlace) {
  SchemaRegistry schemas;
  EXPECT_EQ(schemas.add(type_of<bool>()), R"({"type":"boolean"})");
  EXPECT_EQ(schemas.add(type_of<int>()), R"({"type":"integer","format":"int32"})");
  EXPECT_EQ(schemas.add(type_of<std::uint64_t>()), R"({"type":"integer","format":"uint64","minimum":0})");
  EXPECT_EQ(schemas.add(type_of<std::int8_t>()), R"({"type":"integer","minimum":-128,"maximum":127})");
  EXPECT_EQ(schemas.add(type_of<std::uint16_t>()), R"({"type":"integer","minimum":0,"maximum":65535})");
  EXPECT_EQ(schemas.add(type_of<double>()), R"({"type":"number","format":"double"})");
  EXPECT_EQ(schemas.add(type_of<std::string>()), R"({"type":"string"})");
  EXPECT_EQ(schemas.add(type_of<Status>()), R"({"type":"string","enum":["pending","completed","refunded"]})");
  EXPECT_EQ(schemas.add(type_of<Money>()), R"({"type":"number","multipleOf":0.01})");
  EXPECT_EQ(schemas.add(type_of<TimePoint>()), R"({"type":"string","format":"date-time"})");
  EXPECT_EQ(schemas.add(type_of<std::vector<std::optional<int>>>()),
            R"({"type":"array","items":{"anyOf":[{"type":"integer","format":"int32"},{"type":"null"}]}})");
  EXPECT_EQ((schemas.add(type_of<std::map<std::string, bool>>())),
            R"({"type":"object","additionalProperties":{"type":"boolean"}})");
  EXPECT_EQ(schemas.definitions(), "{}");
}

TEST(Schema, RefersToStructsByName) {
  SchemaRegistry schemas;
  EXPECT_EQ(schemas.add(type_of<Item>()), R"({"$ref":"#/components/schemas/Item"})");
  EXPECT_EQ(schemas.add(type_of<std::vector<Item>>()),
            R"({"type":"array","items":{"$ref":"#/components/schemas/Item"}})");
  EXPECT_EQ(schemas.definitions(),
            R"({"Item":{"type":"object","properties":{"product_id":{"type":"string"},)"
            R"("quantity":{"type":"integer","format":"int32"},)"
            R"("price":{"type":"number","multipleOf":0.01}},"required":["product_id","quantity"]}})");
}

TEST(Schema, ShowsConstraints) {
  SchemaRegistry schemas;
  schemas.add(type_of<NewProduct>());
  EXPECT_EQ(schemas.definitions(),
            R"({"NewProduct":{"type":"object","properties":{"name":{"type":"string","minLength":1,"maxLength":5},)"
            R"("price":{"type":"number","multipleOf":0.01,"minimum":0.01,"maximum":100},)"
            R"("quantity":{"type":"integer","format":"int32","minimum":1,"maximum":1000},)"
            R"("weight":{"type":"number","format":"double","minimum":0.5},)"
            R"("note":{"type":"string","maxLength":3},)"
            R"("tags":{"type":"array","items":{"type":"string"},"minItems":1,"maxItems":2}},)"
            R"("required":["name","price","quantity","weight","tags"]}})");
}

TEST(Schema, DescribesVariantsByTheirType) {
  SchemaRegistry schemas;
  EXPECT_EQ(schemas.add(type_of<Payment>()),
            R"({"oneOf":[{"allOf":[{"$ref":"#/components/schemas/Card"},{"type":"object","properties":{"type":)"
            R"({"const":"Card"}},"required":["type"]}]},{"allOf":[{"$ref":"#/components/schemas/Transfer"},)"
            R"({"type":"object","properties":{"type":{"const":"Transfer"}},"required":["type"]}]}]})");
}

TEST(Schema, EndsForTypesThatContainThemselves) {
  EXPECT_EQ(schema_document(type_of<Tree>()),
            R"({"$schema":"https://json-schema.org/draft/2020-12/schema","allOf":[{"$ref":"#/$defs/Tree"}],)"
            R"("$defs":{"Tree":{"type":"object","properties":{"name":{"type":"string"},)"
            R"("children":{"type":"array","items":{"$ref":"#/$defs/Tree"}}},"required":["name","children"]}}})");
}

TEST(Schema, TellsStructsOfOneNameApart) {
  SchemaRegistry schemas;
  EXPECT_EQ(schemas.add(type_of<Item>()), R"({"$ref":"#/components/schemas/Item"})");
  EXPECT_EQ(schemas.add(type_of<elsewhere::Item>()), R"({"$ref":"#/components/schemas/Item2"})");
  EXPECT_EQ(schemas.add(type_of<Item>()), R"({"$ref":"#/components/schemas/Item"})");
}

TEST(Schema, IsJsonForEveryTestType) {
  SchemaRegistry schemas;
  EXPECT_TRUE(validate(schemas.add(type_of<Order>())));
  schemas.add(type_of<Wide>());
  schemas.add(type_of<Scalars>());
  schemas.add(type_of<Empty>());
  EXPECT_TRUE(validate(schemas.definitions()));
}

}  // namespace
}  // namespace tidemark::json::test
