// What this process takes of its machine, as the kernel counts it. Any thread; each call reads a small file.
#pragma once
#include <cstdint>
#include <optional>

namespace tidemark::kit {

std::optional<std::uint64_t> resident_bytes();  // of memory, this moment
std::optional<std::uint64_t> thread_count();
std::optional<std::uint64_t> open_files();  // sockets too
std::optional<std::uint64_t> open_files_max();
double processor_seconds();  // since the start, of all threads

}  // namespace tidemark::kit
