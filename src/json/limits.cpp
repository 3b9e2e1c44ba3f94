#include "json/limits.hpp"

#include <string>

#include "json/scalar.hpp"
#include "json/utf8.hpp"

namespace tidemark::json {
namespace {

std::string decimal(double number) {
  ScalarBuffer buffer;
  return std::string{format(number, buffer)};
}

Result<void> check_number(double number, std::string_view text, const Limits& limits) {
  const auto out_of_bounds = [&](const char* bound, double limit) {
    return fail(ErrorCode::invalid,
                "must be at " + std::string{bound} + ' ' + decimal(limit) + ", got " + std::string{text});
  };
  if (limits.min && number < *limits.min) return out_of_bounds("least", *limits.min);
  if (limits.max && number > *limits.max) return out_of_bounds("most", *limits.max);
  return {};
}

Result<void> check_length(std::size_t length, const char* unit, const Limits& limits) {
  const auto out_of_bounds = [&](const char* bound, std::size_t limit) {
    return fail(ErrorCode::invalid, "must have at " + std::string{bound} + ' ' + std::to_string(limit) + ' ' + unit +
                                        (limit == 1 ? "" : "s") + ", got " + std::to_string(length));
  };
  if (limits.min_length && length < *limits.min_length) return out_of_bounds("least", *limits.min_length);
  if (limits.max_length && length > *limits.max_length) return out_of_bounds("most", *limits.max_length);
  return {};
}

double number_of(const void* value, const TypeInfo& type) {
  if (type.kind == TypeKind::real) return *static_cast<const double*>(value);
  if (type.kind == TypeKind::money) return static_cast<double>(static_cast<const Money*>(value)->minor()) / 100;
  return type.is_signed ? static_cast<double>(load_signed(value, type))
                        : static_cast<double>(load_unsigned(value, type));
}

}  // namespace

Result<void> check_limits(const void* value, const TypeInfo& type, const Limits& limits) {
  switch (type.kind) {
    case TypeKind::integer:
    case TypeKind::real:
    case TypeKind::money: {
      if (!limits.min && !limits.max) return {};
      ScalarBuffer buffer;
      const auto text = scalar_text(value, type, buffer);
      if (!text) return text.error();
      return check_number(number_of(value, type), *text, limits);
    }
    case TypeKind::string:
      if (!limits.min_length && !limits.max_length) return {};
      return check_length(utf8_length(*static_cast<const std::string*>(value)), "character", limits);
    case TypeKind::vector: return check_length(type.vector->size(value), "element", limits);
    case TypeKind::map: return check_length(type.map->size(value), "member", limits);
    case TypeKind::optional: {
      const void* inside = type.optional->get(value);
      return inside ? check_limits(inside, *type.element, limits) : Result<void>{};
    }
    default: return {};
  }
}

}  // namespace tidemark::json
