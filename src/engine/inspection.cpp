#include "engine/inspection.hpp"

#include <array>

#include "engine/document_key.hpp"
#include "engine/inspection_parts.hpp"
#include "engine/partition_key.hpp"

namespace tidemark::engine {
namespace {

// A record under one key, and the one that must stand beside it.
Result<void> expect_partner(const storage::Storage& storage, const std::string& partner, const std::string& about,
                            const std::string& missing, Inspection& inspection) {
  std::string value;
  const auto found = storage.get(partner, value);
  if (!found) return found.error();
  if (!*found) inspection.add(about, missing, RESTORE);
  return {};
}

Result<void> inspect_spaces(const Records& records, Inspection& inspection) {
  constexpr std::string_view KNOWN = "KTcdegkmprtx";  // in the order of their bytes
  auto cursor = records.storage.exact_cursor(std::string_view{"\0", 1}, "\xff");
  for (cursor.seek_first(); cursor.valid();) {
    const char space = cursor.key().front();
    if (KNOWN.find(space) == KNOWN.npos) {
      inspection.add("key '" + shown(cursor.key()) + "'", "is of no kind that there is", RESTORE);
    }
    const char behind = static_cast<char>(space + 1);
    cursor.seek({&behind, 1});
  }
  return cursor.status();
}

}  // namespace

void Inspection::add(std::string about, std::string what, std::string remedy) {
  ++wrong;
  if (findings.size() < FINDINGS_MAX) findings.push_back({std::move(about), std::move(what), std::move(remedy)});
}

Result<void> for_each(const Records& records, std::string_view first, std::string_view end,
                      const std::function<Result<void>(std::string_view key, std::string_view value)>& see) {
  auto cursor = records.storage.exact_cursor(first, end);
  for (cursor.seek_first(); cursor.valid(); cursor.next()) {
    TIDEMARK_TRY(see(cursor.key(), cursor.value()));
    records.work.add(1);
  }
  return cursor.status();
}

std::string prefix_of(Space space) { return {static_cast<char>(space)}; }

std::string shown(std::string_view bytes) {
  constexpr std::string_view DIGITS = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      text.push_back(c);
    } else {
      text.append("\\x").append({DIGITS[byte >> 4], DIGITS[byte & 0xf]});
    }
  }
  return text;
}

// Each timer has a record by its name, which says when it is due, and one by that time, which holds the event.
Result<void> inspect_timers(const Records& records, Inspection& inspection) {
  const std::string by_name = prefix_of(Space::timers) + "n", by_time = prefix_of(Space::timers) + "t";
  TIDEMARK_TRY(for_each(records, by_name, end_of_prefix(by_name), [&](auto key, auto value) -> Result<void> {
    ++inspection.timers;
    const auto name = key.substr(by_name.size());
    const std::string about = "timer '" + shown(name) + "'";
    if (value.size() != 8) return inspection.add(about, "doesn't say when it is due", RESTORE), Result<void>{};
    return expect_partner(records.storage, by_time + std::string{value} + std::string{name}, about,
                          "has lost its event", inspection);
  }));
  return for_each(records, by_time, end_of_prefix(by_time), [&](auto key, auto) -> Result<void> {
    const auto rest = key.substr(by_time.size());
    const std::string about = "timer '" + shown(rest) + "'";
    if (rest.size() <= 8) return inspection.add(about, "its key is cut short", RESTORE), Result<void>{};
    return expect_partner(records.storage, by_name + std::string{rest.substr(8)}, about, "is due, but has no name",
                          inspection);
  });
}

// Each key with a time to live has a record that begins with that time, and one by that time.
Result<void> inspect_keys(const Records& records, Inspection& inspection) {
  const std::string keys = prefix_of(Space::keys), expiry = prefix_of(Space::key_expiry);
  TIDEMARK_TRY(for_each(records, keys, end_of_prefix(keys), [&](auto key, auto value) -> Result<void> {
    ++inspection.keys;
    const std::string about = "key '" + shown(key.substr(1)) + "'";
    if (value.size() < 8) return inspection.add(about, "doesn't say when it expires", RESTORE), Result<void>{};
    return expect_partner(records.storage, expiry + std::string{value.substr(0, 8)} + std::string{key.substr(1)}, about,
                          "will never expire: its expiry is missing", inspection);
  }));
  return for_each(records, expiry, end_of_prefix(expiry), [&](auto key, auto) -> Result<void> {
    const std::string about = "expiry '" + shown(key.substr(1)) + "'";
    if (key.size() <= 1 + 8) return inspection.add(about, "its key is cut short", RESTORE), Result<void>{};
    return expect_partner(records.storage, keys + std::string{key.substr(1 + 8)}, about,
                          "is of a key that there is not", inspection);
  });
}

Inspection inspect(const storage::Storage& storage, const storage::OnProgress& progress) {
  using Part = Result<void> (*)(const Records&, Inspection&);
  struct Named {
    const char* name;
    Part inspect;
  };
  constexpr std::array<Named, 5> PARTS{{{"the whole", inspect_spaces},
                                        {"topics and groups", inspect_topics},
                                        {"collections and documents", inspect_documents},
                                        {"timers", inspect_timers},
                                        {"keys", inspect_keys}}};
  storage::Work work{progress, storage.estimated_keys()};
  const Records records{storage, work};
  Inspection inspection;
  for (const auto& part : PARTS) {
    const auto read = part.inspect(records, inspection);
    if (!read) inspection.add(part.name, "not all can be read: " + read.error().text(), RESTORE);
  }
  return inspection;
}

}  // namespace tidemark::engine
