// Entries of streams as a server answers with them.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/delivery.hpp"
#include "resp/value.hpp"

namespace tidemark::store {

class Server;

// What XRANGE answers.
Result<std::vector<model::Entry>> entries_of(const resp::Value& value);

// Entries above `after`, oldest first; none when there is no such stream. On a fiber of the server's thread.
Result<std::vector<model::Entry>> read_entries(Server& server, std::string_view stream, StreamId after,
                                               std::uint32_t count);

// Entries below `before`, newest first.
Result<std::vector<model::Entry>> read_entries_back(Server& server, std::string_view stream, StreamId before,
                                                    std::uint32_t count);

}  // namespace tidemark::store
