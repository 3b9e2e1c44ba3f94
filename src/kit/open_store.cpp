#include "kit/open_store.hpp"

#include "store/embedded/embedded_store.hpp"
#include "store/embedded/url.hpp"

namespace tidemark::kit {

Result<std::unique_ptr<store::Store>> open_store(const std::string& url, Clock& clock) {
  auto options = store::parse_embedded_url(url);
  if (!options) return options.error();
  options->clock = &clock;
  return store::EmbeddedStore::open(*options);
}

}  // namespace tidemark::kit
