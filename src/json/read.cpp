// json::read(): a handler of the parser's events that knows where the next value goes.
#include <algorithm>
#include <vector>

#include "json/cursor.hpp"
#include "json/json.hpp"
#include "json/limits.hpp"
#include "json/parser.hpp"
#include "json/scalar.hpp"
#include "json/writer.hpp"

namespace tidemark::json {
namespace {

// Where a value goes.
struct Place {
  void* value;
  const TypeInfo* type;
  const Limits* limits = nullptr;
};

// An object or array that has begun and not ended.
struct Level {
  enum class Kind : std::uint8_t { object, map, vector };
  Kind kind;
  bool is_variant = false;  // its member "type" has been used to choose the alternative
  bool has_type = false;    // that member has been passed
  Place place;              // of the whole
  // object
  std::span<const FieldInfo> fields = {};
  const FieldInfo* field = nullptr;  // of the member whose value comes next; null if to be passed over
  std::size_t likely = 0;            // the field that comes next if members keep their order
  std::size_t seen_at = 0;           // its first word in `seen_`
  // map
  void* element = nullptr;
  // object, map
  std::string_view key = {};
  // vector
  std::size_t count = 0;
};

struct ReadMemory {
  std::vector<Level> levels;
  std::vector<std::uint64_t> seen;  // for each open object: a bit for each field that has come
};

class ReadHandler : public ParseHandler {
 public:
  ReadHandler(std::string_view text, Place root, const ReadOptions& options)
      : ParseHandler{text, options.depth_max}, root_{root}, reject_unknown_{options.reject_unknown} {
    levels().clear();
    seen().clear();
  }

  bool Null();
  bool Bool(bool flag);
  bool RawNumber(const char* at, Size size, bool);
  bool String(const char* at, Size size, bool);
  bool StartObject();
  bool Key(const char* at, Size size, bool);
  bool EndObject(Size);
  bool StartArray();
  bool EndArray(Size);

 private:
  std::vector<Level>& levels() { return memory_->levels; }
  std::vector<std::uint64_t>& seen() { return memory_->seen; }

  std::optional<Place> next_place();
  bool keep(const Place& place, std::string text);
  void begin_raw(const Place& place);
  void end_skipped();
  static Place inside(Place place);
  bool finish(const Result<void>& result, const Place& place);
  bool wrong(const Place& place, std::string_view got) { return reject(mismatch(*place.type, got)); }
  bool reject(Failure failure);
  std::string path();

  bool start_variant(const Place& place);
  void push_object(const Place& place, bool is_variant);
  bool key_of_object(Level& level, std::string_view name);
  bool unknown_member(const Level& level);
  bool check_complete(Level& level);

  Place root_;
  bool reject_unknown_;
  std::size_t skipped_ = 0;  // open objects and arrays inside a value that is passed over
  Json* raw_ = nullptr;      // or kept as it is, from there on
  std::size_t raw_from_ = 0;
  Kept<ReadMemory> memory_;
};

// Nothing if the value is to be passed over.
std::optional<Place> ReadHandler::next_place() {
  if (skipped_ > 0) return std::nullopt;
  if (levels().empty()) return root_;
  Level& level = levels().back();
  switch (level.kind) {
    case Level::Kind::object:
      if (!level.field) return std::nullopt;
      return Place{level.field->in(level.place.value), level.field->type, level.field->limits};
    case Level::Kind::map: return Place{level.element, level.place.type->element};
    case Level::Kind::vector:
      ++level.count;
      return Place{level.place.type->vector->append(level.place.value), level.place.type->element};
  }
  return std::nullopt;
}

// The place of a value that is not null: within an optional, if it goes into one.
Place ReadHandler::inside(Place place) {
  if (place.type->kind != TypeKind::optional) return place;
  return {place.type->optional->emplace(place.value), place.type->element, place.limits};
}

// A whole value that is kept as JSON.
bool ReadHandler::keep(const Place& place, std::string text) {
  static_cast<Json*>(place.value)->text = std::move(text);
  return true;
}

// An object or array that is kept as JSON; RapidJSON stands on its bracket.
void ReadHandler::begin_raw(const Place& place) {
  raw_ = static_cast<Json*>(place.value);
  raw_from_ = offset();
  skipped_ = 1;
}

// Before the end of an object or array within what is skipped; RapidJSON stands on its bracket.
void ReadHandler::end_skipped() {
  if (--skipped_ > 0 || raw_ == nullptr) return;
  raw_->text = text().substr(raw_from_, offset() + 1 - raw_from_);
  raw_ = nullptr;
}

bool ReadHandler::finish(const Result<void>& result, const Place& place) {
  if (!result) return reject(result.error());
  if (!place.limits) return true;
  const auto checked = check_limits(place.value, *place.type, *place.limits);
  return checked ? true : reject(checked.error());
}

bool ReadHandler::reject(Failure failure) {
  failure.about = path();
  return stop(std::move(failure));
}

// Of the value that is being read: items[2].quantity.
std::string ReadHandler::path() {
  constexpr std::size_t KEY_CHARACTERS_MAX = 60;
  std::string text;
  for (const Level& level : levels()) {
    if (level.kind == Level::Kind::vector) {
      if (level.count > 0) text += '[' + std::to_string(level.count - 1) + ']';
    } else if (level.key.data()) {
      if (!text.empty()) text += '.';
      text += shortened(level.key, KEY_CHARACTERS_MAX);
    }
  }
  return text;
}

bool ReadHandler::Null() {
  const auto place = next_place();
  if (!place) return true;
  if (place->type->kind == TypeKind::json) return keep(*place, "null");
  if (place->type->kind != TypeKind::optional) return wrong(*place, "null");
  place->type->optional->reset(place->value);
  return true;
}

bool ReadHandler::Bool(bool flag) {
  const auto outer = next_place();
  if (!outer) return true;
  const Place place = inside(*outer);
  if (place.type->kind == TypeKind::json) return keep(place, flag ? "true" : "false");
  if (place.type->kind != TypeKind::boolean) return wrong(place, flag ? "true" : "false");
  *static_cast<bool*>(place.value) = flag;
  return true;
}

bool ReadHandler::RawNumber(const char* at, Size size, bool) {
  const auto outer = next_place();
  if (!outer) return true;
  const Place place = inside(*outer);
  if (place.type->kind == TypeKind::json) return keep(place, {at, size});
  return finish(read_number({at, size}, place.value, *place.type), place);
}

bool ReadHandler::String(const char* at, Size size, bool) {
  if (!check_string({at, size})) return false;
  const auto outer = next_place();
  if (!outer) return true;
  const Place place = inside(*outer);
  if (place.type->kind == TypeKind::json) return keep(place, quote({at, size}));
  return finish(read_text({at, size}, place.value, *place.type), place);
}

bool ReadHandler::StartObject() {
  if (!enter()) return false;
  const auto outer = next_place();
  if (!outer) {
    ++skipped_;
    return true;
  }
  const Place place = inside(*outer);
  switch (place.type->kind) {
    case TypeKind::object: push_object(place, false); return true;
    case TypeKind::variant: return start_variant(place);
    case TypeKind::map:
      place.type->map->clear(place.value);
      levels().push_back({.kind = Level::Kind::map, .place = place});
      return true;
    case TypeKind::json: begin_raw(place); return true;
    default: return wrong(place, "an object");
  }
}

void ReadHandler::push_object(const Place& place, bool is_variant) {
  const auto fields = place.type->fields();
  levels().push_back({.kind = Level::Kind::object,
                      .is_variant = is_variant,
                      .place = place,
                      .fields = fields,
                      .seen_at = seen().size()});
  seen().resize(seen().size() + (fields.size() + 63) / 64);
}

// The member "type" of the object that begins at `text`, wherever it stands in it; still escaped.
std::optional<std::string_view> find_type(std::string_view text) {
  Cursor cursor{text};
  if (!cursor.take('{')) return std::nullopt;
  do {
    const auto key = cursor.string();
    if (!key || !cursor.take(':')) return std::nullopt;
    if (says(*key, "type")) return cursor.string();
    if (!cursor.skip()) return std::nullopt;
  } while (cursor.take(','));
  return std::nullopt;
}

// Which alternative it is decides how its members are read, so "type" is looked up ahead of them.
bool ReadHandler::start_variant(const Place& place) {
  const auto type = find_type(text().substr(offset()));
  const auto& alternatives = place.type->alternatives;
  std::size_t index = 0;
  while (type && index < alternatives.size() && !says(*type, alternatives[index]->name)) ++index;
  if (type && index < alternatives.size()) {
    push_object({place.type->variant->emplace(place.value, index), alternatives[index]}, true);
    return true;
  }
  std::string names;
  for (const TypeInfo* alternative : alternatives) names += (names.empty() ? "" : ", ") + shown(alternative->name);
  const auto name = type ? unescaped(*type) : std::nullopt;
  auto failure = fail(ErrorCode::invalid, "expected one of " + names + ", got " + (name ? shown(*name) : "nothing"));
  failure.about = path();
  failure.about += failure.about.empty() ? "type" : ".type";
  return stop(std::move(failure));
}

bool ReadHandler::Key(const char* at, Size size, bool) {
  if (!check_string({at, size})) return false;
  if (skipped_ > 0) return true;
  Level& level = levels().back();
  level.key = {at, size};
  if (level.kind == Level::Kind::object) return key_of_object(level, level.key);
  level.element = level.place.type->map->insert(level.place.value, level.key);
  return level.element ? true : reject(fail(ErrorCode::invalid, "is there twice"));
}

bool ReadHandler::key_of_object(Level& level, std::string_view name) {
  level.field = nullptr;
  const std::size_t count = level.fields.size();
  for (std::size_t tried = 0, i = level.likely; tried < count; ++tried, ++i) {
    if (i >= count) i = 0;
    if (level.fields[i].name != name) continue;
    std::uint64_t& word = seen()[level.seen_at + i / 64];
    const std::uint64_t bit = std::uint64_t{1} << i % 64;
    if (word & bit) return reject(fail(ErrorCode::invalid, "is there twice"));
    word |= bit;
    level.field = &level.fields[i];
    level.likely = i + 1;
    return true;
  }
  if (level.is_variant && name == "type") {
    if (std::exchange(level.has_type, true)) return reject(fail(ErrorCode::invalid, "is there twice"));
    return true;
  }
  return reject_unknown_ ? unknown_member(level) : true;
}

bool ReadHandler::unknown_member(const Level& level) {
  std::string names;
  for (const auto& field : level.fields) names += (names.empty() ? "" : ", ") + std::string{field.name};
  return reject(fail(ErrorCode::invalid, "no such member; there are " + shortened(names, 200)));
}

bool ReadHandler::EndObject(Size) {
  leave();
  if (skipped_ > 0) {
    end_skipped();
    return true;
  }
  Level& level = levels().back();
  if (level.kind == Level::Kind::object && !check_complete(level)) return false;
  const Place place = level.place;
  if (level.kind == Level::Kind::object) seen().resize(level.seen_at);
  levels().pop_back();
  return finish({}, place);
}

// Every required member must have come; optional ones that have not are empty.
bool ReadHandler::check_complete(Level& level) {
  for (std::size_t i = 0; i < level.fields.size(); ++i) {
    if (seen()[level.seen_at + i / 64] >> i % 64 & 1) continue;
    const FieldInfo& field = level.fields[i];
    if (field.required) {
      level.key = field.name;
      return reject(fail(ErrorCode::invalid, "is missing"));
    }
    field.type->optional->reset(field.in(level.place.value));
  }
  return true;
}

bool ReadHandler::StartArray() {
  if (!enter()) return false;
  const auto outer = next_place();
  if (!outer) {
    ++skipped_;
    return true;
  }
  const Place place = inside(*outer);
  if (place.type->kind == TypeKind::json) {
    begin_raw(place);
    return true;
  }
  if (place.type->kind != TypeKind::vector) return wrong(place, "an array");
  place.type->vector->clear(place.value);
  levels().push_back({.kind = Level::Kind::vector, .place = place});
  return true;
}

bool ReadHandler::EndArray(Size) {
  leave();
  if (skipped_ > 0) {
    end_skipped();
    return true;
  }
  const Place place = levels().back().place;
  levels().pop_back();
  return finish({}, place);
}

}  // namespace

Result<void> read(std::string_view text, void* value, const TypeInfo& type, const ReadOptions& options) {
  ReadHandler handler{text, Place{value, &type}, options};
  return parse(handler);
}

}  // namespace tidemark::json
