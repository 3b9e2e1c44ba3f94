// Bytes of a peer as they can stand in a message about them.
#pragma once
#include <string>
#include <string_view>

namespace tidemark::resp {

// "'a'", "byte 0x00".
std::string shown(char byte);
// In quotes, the beginning of it if it is long, with question marks for what is not printable.
std::string shown(std::string_view text);

}  // namespace tidemark::resp
