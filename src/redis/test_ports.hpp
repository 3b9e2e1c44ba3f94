// Loopback ports for servers of tests.
#pragma once
#include <cstdint>

namespace tidemark::redis::testing {

// A port on 127.0.0.1 that nobody listens on at this moment, and that no other call gets, in this process or in another
// test, for as long as this process lives. It is none of those from which the system picks for outgoing connections.
// Throws std::runtime_error when it can't note that it is taken.
std::uint16_t free_port();

}  // namespace tidemark::redis::testing
