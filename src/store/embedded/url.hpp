// The URL of an embedded store: "embedded:./data", "embedded:/var/lib/shop?durability=interval=100".
#pragma once
#include <string_view>

#include "base/result.hpp"
#include "store/embedded/embedded_store.hpp"

namespace tidemark::store {

// Options behind the question mark, separated by '&':
//   durability=always|interval=<ms>|never   when a commit counts as durable (always)
//   cache=<MiB>                             memory for uncompressed blocks (64)
//   reserve=<MiB>                           free disk below which endpoints are refused (256)
//   backlog=<events>                        how far a group may be behind (1000000) before endpoints that publish to
//                                           its topic are refused
// `invalid` names the part that is wrong.
Result<EmbeddedOptions> parse_embedded_url(std::string_view url);

}  // namespace tidemark::store
