// The readers of stream entries against any fields: what anybody with a Redis client may have written to a topic. What
// is taken as an event is written and read back as the same; the JSON of any entry is JSON; a dead letter gives its
// event back.
//
// The first byte of an input says which described type an entry is read as. The rest is taken as lines of `name=value`,
// and as the bytes of fields as they are stored.
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "fuzz_target.hpp"
#include "json/json.hpp"
#include "json/test_types.hpp"
#include "json/utf8.hpp"
#include "kit/dispatch/dead_letters.hpp"
#include "kit/service/envelope.hpp"

namespace tidemark::kit {
namespace {

model::Fields fields_of_lines(std::string_view text) {
  model::Fields fields;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto equals = line.find('=');
    if (equals != line.npos) fields.add(line.substr(0, equals), line.substr(equals + 1));
  }
  return fields;
}

template <class T>
void check_as(const model::Fields& fields) {
  const TypeInfo& type = type_of<T>();
  const auto shown = json::validate(event_json(fields, type));
  TIDEMARK_ASSERT(shown, "the JSON of an entry is none: ", shown.error().text());
  T event{};
  if (const auto read = read_event(fields, &event, type); !read) {
    TIDEMARK_ASSERT(!read.error().message.empty() && json::is_utf8(read.error().text()));
    return;
  }
  const Attributes attributes{.id = "1", .type = "T", .source = "/s", .subject = "k"};
  const auto written = write_event(&event, type, attributes);
  TIDEMARK_ASSERT(written, "what was read can't be written: ", written.error().text());
  T again{};
  const auto read = read_event(*written, &again, type);
  TIDEMARK_ASSERT(read, "what was written can't be read: ", read.error().text());
  TIDEMARK_ASSERT(write_event(&again, type, attributes).or_raise() == *written, "it reads back as something else");
}

void check_fields(const model::Fields& fields, unsigned type) {
  const auto stored = model::Fields::from_bytes(fields.bytes());
  TIDEMARK_ASSERT(stored && *stored == fields, "fields do not read back");
  std::size_t count = 0;
  for (const auto& [name, value] : fields) {
    TIDEMARK_ASSERT(fields.find(name), "a field is not found");
    ++count;
  }
  TIDEMARK_ASSERT(count == fields.count());
  const auto letter = bury(fields, StreamId::min(), "it failed", 5, TimePoint{});
  TIDEMARK_ASSERT(exhume(letter) == exhume(fields), "a dead letter is another event");
  switch (type) {
    case 0: return check_as<json::test::Integers>(fields);
    case 1: return check_as<json::test::Scalars>(fields);
    case 2: return check_as<json::test::Order>(fields);
    case 3: return check_as<json::test::Payment>(fields);
    case 4: return check_as<json::test::NewProduct>(fields);
    default: return check_as<json::test::Tree>(fields);
  }
}

}  // namespace
}  // namespace tidemark::kit

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
  const unsigned type = data[0] % 6;
  tidemark::kit::check_fields(tidemark::kit::fields_of_lines(text), type);
  if (const auto stored = tidemark::model::Fields::from_bytes(std::string{text}))
    tidemark::kit::check_fields(*stored, type);
  return 0;
}
