// hash64: a 64-bit hash of bytes that is the same on every machine and in every version (it may be stored).
// FNV-1a with the seed folded in, then the finaliser of SplitMix64. Not for untrusted keys of a hash table.
#pragma once
#include <cstdint>
#include <string_view>

namespace tidemark {

constexpr std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0) {
  std::uint64_t h = 0xcbf29ce484222325ULL ^ (seed * 0x9e3779b97f4a7c15ULL);
  for (const char c : bytes) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9ULL;
  h = (h ^ (h >> 27)) * 0x94d049bb133111ebULL;
  return h ^ (h >> 31);
}

}  // namespace tidemark
