#include "engine/measure.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace bench {

using namespace tidemark;

Folder::Folder() {
  auto pattern = (std::filesystem::temp_directory_path() / "tidemark-bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) std::perror(pattern.c_str()), std::exit(1);
  path_ = pattern;
}

Folder::~Folder() {
  std::error_code leftover;
  std::filesystem::remove_all(path_, leftover);
}

std::unique_ptr<engine::Engine> open_engine(const std::string& path, std::string_view durability) {
  engine::EngineOptions options;
  options.storage.path = path;
  options.storage.durability = storage::Durability::parse(durability).or_raise();
  return engine::Engine::open(options).or_raise();
}

model::Fields event(std::uint64_t number) {
  model::Fields fields;
  fields.add("order_id", "order-" + std::to_string(1'000'000'000 + number));  // 8 + 16 bytes
  fields.add("product_id", "01K9ZC3NDEKTSV4RRFFQ69G5FA");                     // 10 + 26
  fields.add("note", std::string(30, 'x'));                                   // 4 + 30; lengths: 6
  return fields;
}

model::Commit publication(std::string_view topic, std::uint64_t number, std::uint64_t count) {
  model::Commit commit;
  commit.partition = {"bench", 0};
  for (std::uint64_t i = 0; i < count; ++i)
    commit.publications.push_back({.topic = std::string{topic}, .fields = event(number + i), .id = {}});
  return commit;
}

void say(std::string_view measure, double value) {
  std::printf("{\"measure\": \"%.*s\", \"value\": %.6g}\n", static_cast<int>(measure.size()), measure.data(), value);
  std::fflush(stdout);
}

double resident_mib() {
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
  return 0;
}

}  // namespace bench
