// What the engine's measurements share: a data directory that goes with them, a clock, events, and how figures are
// said.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/engine.hpp"

namespace bench {

// Below TMPDIR, or where --folder says; on the disk that the figures are of.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string path(std::string_view name) const { return path_ + "/" + std::string{name}; }

 private:
  std::string path_;
};

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count(); }

 private:
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

std::unique_ptr<tidemark::engine::Engine> open_engine(const std::string& path, std::string_view durability);

// Three fields, 100 bytes with their names.
tidemark::model::Fields event(std::uint64_t number);
tidemark::model::Commit publication(std::string_view topic, std::uint64_t number, std::uint64_t count = 1);

// One line of JSON: {"measure": …, "value": …}.
void say(std::string_view measure, double value);

double resident_mib();  // of this process

// Each measures and says its figures.
void measure_publishing(double seconds);
void measure_delivering(std::uint64_t events);
void measure_documents(double seconds);
// Fills a topic with so many entries; says what memory they take, how fast the first and the last ones are handled, and
// how long the next start takes.
void measure_entries(std::uint64_t entries);

}  // namespace bench
