#include "model/commit.hpp"

#include "base/hash.hpp"

namespace tidemark::model {

std::uint64_t digest_of(const Page& page) {
  std::uint64_t digest = page.documents.size();
  for (const auto& document : page.documents) {
    digest = hash64(document.id, digest);
    digest = hash64({}, digest ^ document.version.counter);
    digest = hash64({}, digest ^ document.version.nonce);
  }
  return digest;
}

}  // namespace tidemark::model
