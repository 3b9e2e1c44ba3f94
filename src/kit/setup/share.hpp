// Where a program finds the files that belong to it (web pages, documentation).
#pragma once
#include <filesystem>
#include <string_view>

namespace tidemark::kit {

// An absolute path as it is; a relative one below <the program's folder>/../share/tidemark if it is there, be it as a
// link to what is not built yet, else below the working directory.
std::filesystem::path shared_folder(std::string_view folder);

}  // namespace tidemark::kit
