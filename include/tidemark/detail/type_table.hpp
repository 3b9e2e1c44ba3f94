// How described.hpp makes its tables. Not for including alone; nothing here is for users.
#pragma once

namespace tidemark {

namespace detail {

void write_json(std::string& out, const void* value, const TypeInfo& type);  // throws Invalid
void read_json(std::string_view text, void* value, const TypeInfo& type);    // throws Malformed, Invalid
const FieldInfo& field_at(const TypeInfo& object, std::size_t offset, const TypeInfo& member);

// A pointer to a data member is its offset (Itanium C++ ABI, which GCC and Clang follow on every platform of ours).
template <class C, class M>
std::uint32_t offset_of(M C::*member) {
  static_assert(sizeof member == sizeof(std::ptrdiff_t));
  return static_cast<std::uint32_t>(std::bit_cast<std::ptrdiff_t>(member));
}

// Where the base Base lies in T.
template <class T, class Base>
std::uint32_t base_offset() {
  const auto at_start = std::bit_cast<char Base::*>(std::ptrdiff_t{0});
  return offset_of<T>(static_cast<char T::*>(at_start));
}

struct MemberLimits {
  std::uint32_t offset;
  Limits limits;
};

}  // namespace detail

template <class T>
class Constraints {
 public:
  struct Entry {
    template <class M, class C>
    Entry(M C::*member, Limits limits) : of{detail::offset_of<T>(static_cast<M T::*>(member)), limits} {}
    detail::MemberLimits of;
  };
  using Struct = T;

  Constraints(std::initializer_list<Entry> entries) {
    for (const Entry& entry : entries) members_.push_back(entry.of);
  }
  std::span<const detail::MemberLimits> members() const { return members_; }

 private:
  std::vector<detail::MemberLimits> members_;
};

namespace detail {

void apply_limits(std::span<FieldInfo> fields, std::span<const MemberLimits> limits, std::uint32_t base);

template <class T>
constexpr std::string_view short_name() {
  std::string_view text =
      __PRETTY_FUNCTION__;  // "… [with T = shop::Order; std::string_view = …]", "… [T = shop::Order]"
  text.remove_prefix(text.find("T = ") + 4);
  text = text.substr(0, text.find_first_of(";]"));
  const auto qualified = text.substr(0, text.find('<'));
  const auto colon = qualified.rfind(':');
  return colon == std::string_view::npos ? text : text.substr(colon + 1);
}

template <class T>
struct TypeTable {
  static const TypeInfo info;
};

template <class T>
inline constexpr bool always_false = false;

// One specialisation for each family of types; each has `static constexpr TypeInfo make()`.
template <class T>
struct Maker {
  static_assert(always_false<T>,
                "Tidemark can't read or write this type: use bool, int, double, std::string, Money, TimePoint, an enum "
                "with BOOST_DESCRIBE_ENUM, a struct with BOOST_DESCRIBE_STRUCT, or optional, vector, "
                "map<std::string, …> or variant of these");
};

template <class T>
inline constexpr bool is_character =
    std::is_same_v<T, char> || std::is_same_v<T, wchar_t> || std::is_same_v<T, char8_t> ||
    std::is_same_v<T, char16_t> || std::is_same_v<T, char32_t>;

template <>
struct Maker<bool> {
  static constexpr TypeInfo make() { return {.kind = TypeKind::boolean, .size = sizeof(bool)}; }
};
template <>
struct Maker<double> {
  static constexpr TypeInfo make() { return {.kind = TypeKind::real, .size = sizeof(double)}; }
};
template <>
struct Maker<std::string> {
  static constexpr TypeInfo make() { return {.kind = TypeKind::string, .size = sizeof(std::string)}; }
};
template <>
struct Maker<Money> {
  static constexpr TypeInfo make() { return {.kind = TypeKind::money, .size = sizeof(Money)}; }
};
template <>
struct Maker<TimePoint> {
  static constexpr TypeInfo make() { return {.kind = TypeKind::time, .size = sizeof(TimePoint)}; }
};

template <>
struct Maker<Json> {
  static constexpr TypeInfo make() { return {.kind = TypeKind::json, .size = sizeof(Json)}; }
};

template <class T>
requires(std::is_integral_v<T> && !is_character<T> && sizeof(T) <= 8) struct Maker<T> {
  static constexpr TypeInfo make() {
    return {.kind = TypeKind::integer, .is_signed = std::is_signed_v<T>, .size = sizeof(T)};
  }
};

template <class T>
requires std::is_enum_v<T>
struct Maker<T> {
  static_assert(boost::describe::has_describe_enumerators<T>::value, "describe this enum with BOOST_DESCRIBE_ENUM");

  template <template <class...> class List, class... D>
  static constexpr std::array<Enumerator, sizeof...(D)> list(List<D...>) {
    return {Enumerator{D::name, static_cast<std::int64_t>(D::value)}...};
  }
  static constexpr auto names = list(boost::describe::describe_enumerators<T>{});

  static constexpr TypeInfo make() {
    return {.kind = TypeKind::enumeration,
            .is_signed = std::is_signed_v<std::underlying_type_t<T>>,
            .size = sizeof(T),
            .name = short_name<T>(),
            .enumerators = names};
  }
};

template <class T>
struct Maker<std::optional<T>> {
  using Optional = std::optional<T>;
  static_assert(Maker<T>::make().kind != TypeKind::optional, "an optional of an optional has no JSON form");

  static constexpr OptionalTable table{
      .emplace = [](void* o) -> void* { return &static_cast<Optional*>(o)->emplace(); },
      .reset = [](void* o) { static_cast<Optional*>(o)->reset(); },
      .get = [](const void* o) -> const void* {
        const auto& optional = *static_cast<const Optional*>(o);
        return optional ? &*optional : nullptr;
      }};
  static constexpr TypeInfo make() {
    return {.kind = TypeKind::optional, .size = sizeof(Optional), .element = &TypeTable<T>::info, .optional = &table};
  }
};

template <class T>
struct Maker<std::vector<T>> {
  using Vector = std::vector<T>;
  static_assert(!std::is_same_v<T, bool>,
                "use std::vector<std::uint8_t> or a vector of an enum: vector<bool> has no elements");

  static constexpr VectorTable table{
      .clear = [](void* v) { static_cast<Vector*>(v)->clear(); },
      .append = [](void* v) -> void* { return &static_cast<Vector*>(v)->emplace_back(); },
      .size = [](const void* v) { return static_cast<const Vector*>(v)->size(); },
      .data = [](const void* v) -> const void* { return static_cast<const Vector*>(v)->data(); }};
  static constexpr TypeInfo make() {
    return {.kind = TypeKind::vector, .size = sizeof(Vector), .element = &TypeTable<T>::info, .vector = &table};
  }
};

template <class T, class... Rest>
struct Maker<std::map<std::string, T, Rest...>> {
  using Map = std::map<std::string, T, Rest...>;

  static constexpr MapTable table{.clear = [](void* m) { static_cast<Map*>(m)->clear(); },
                                  .insert = [](void* m, std::string_view key) -> void* {
                                    const auto [at, is_new] = static_cast<Map*>(m)->try_emplace(std::string{key});
                                    return is_new ? &at->second : nullptr;
                                  },
                                  .size = [](const void* m) { return static_cast<const Map*>(m)->size(); },
                                  .visit =
                                      [](const void* m, MapTable::Visitor visitor, void* context) {
                                        for (const auto& [key, value] : *static_cast<const Map*>(m))
                                          visitor(context, key, &value);
                                      }};
  static constexpr TypeInfo make() {
    return {.kind = TypeKind::map, .size = sizeof(Map), .element = &TypeTable<T>::info, .map = &table};
  }
};

template <class T>
using DescribedMembers =
    boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

template <template <class...> class List, class... D>
constexpr bool has_member_type(List<D...>) {
  return ((std::string_view{D::name} == "type") || ...);
}

constexpr bool are_distinct(std::initializer_list<std::string_view> names) {
  for (const auto& a : names)
    for (const auto& b : names)
      if (&a != &b && a == b) return false;
  return true;
}

template <class... A>
struct Maker<std::variant<A...>> {
  using Variant = std::variant<A...>;
  static_assert((boost::describe::has_describe_members<A>::value && ...),
                "the alternatives of a variant must be structs described with BOOST_DESCRIBE_STRUCT");
  static_assert((!has_member_type(DescribedMembers<A>{}) && ...),
                "an alternative of a variant can't have a member of its own that is called \"type\"");
  static_assert(are_distinct({short_name<A>()...}), "the alternatives of a variant need different names");

  static constexpr const TypeInfo* types[] = {&TypeTable<A>::info...};
  static constexpr void* (*emplacers[])(void*) = {
      [](void* v) -> void* { return &static_cast<Variant*>(v)->template emplace<A>(); }...};
  static constexpr VariantTable table{.emplace = [](void* v, std::size_t index) { return emplacers[index](v); },
                                      .index = [](const void* v) { return static_cast<const Variant*>(v)->index(); },
                                      .get = [](const void* v) -> const void* {
                                        return std::visit([](const auto& value) -> const void* { return &value; },
                                                          *static_cast<const Variant*>(v));
                                      }};
  static constexpr TypeInfo make() {
    return {.kind = TypeKind::variant, .size = sizeof(Variant), .alternatives = types, .variant = &table};
  }
};

template <class T>
requires std::is_class_v<T>
struct Maker<T> {
  static_assert(boost::describe::has_describe_members<T>::value,
                "Tidemark can't read or write this type: describe the struct with BOOST_DESCRIBE_STRUCT");

  template <class M, class C>
  static FieldInfo field(const char* name, M C::*member) {
    return {.name = name,
            .type = &TypeTable<M>::info,
            .offset = offset_of<T>(static_cast<M T::*>(member)),
            .required = Maker<M>::make().kind != TypeKind::optional};
  }

  template <template <class...> class List, class... D>
  static std::array<FieldInfo, sizeof...(D)> list(List<D...>) {
    std::array<FieldInfo, sizeof...(D)> fields{field(D::name, D::pointer)...};
    if constexpr (requires { T::constraints(); }) {
      using Declared = decltype(T::constraints());
      static const auto& constraints = *new const Declared{T::constraints()};  // as the tables, it lives to the end
      apply_limits(fields, constraints.members(), base_offset<T, typename Declared::Struct>());
    }
    return fields;
  }

  static std::span<const FieldInfo> fields() {
    static const auto table = list(DescribedMembers<T>{});
    return table;
  }

  static constexpr TypeInfo make() {
    return {.kind = TypeKind::object, .size = sizeof(T), .name = short_name<T>(), .fields = &fields};
  }
};

template <class T>
constinit const TypeInfo TypeTable<T>::info = Maker<T>::make();

}  // namespace detail

template <class T>
constexpr const TypeInfo& type_of() {
  return detail::TypeTable<std::remove_cv_t<T>>::info;
}

template <class T>
std::string to_json(const T& value) {
  std::string out;
  detail::write_json(out, &value, type_of<T>());
  return out;
}

template <class T>
T from_json(std::string_view text) {
  T value{};
  detail::read_json(text, &value, type_of<T>());
  return value;
}

template <class T, class M, class C>
requires std::derived_from<T, C>
const FieldInfo& field_of(M C::*member) {
  return detail::field_at(type_of<T>(), detail::offset_of<T>(static_cast<M T::*>(member)), type_of<M>());
}

template <class M, class C>
const FieldInfo& field_of(M C::*member) {
  return detail::field_at(type_of<C>(), detail::offset_of<C>(member), type_of<M>());
}

}  // namespace tidemark
