#include "kit/setup/share.hpp"

namespace tidemark::kit {

std::filesystem::path shared_folder(std::string_view folder) {
  const std::filesystem::path path{folder};
  if (path.is_absolute()) return path;
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) {
    const auto shared = program.parent_path().parent_path() / "share" / "tidemark" / path;
    // A link that leads nowhere counts: the folder is yet to be built, and another one of its name is not it.
    if (std::filesystem::exists(std::filesystem::symlink_status(shared, error))) return shared;
  }
  return std::filesystem::absolute(path);
}

}  // namespace tidemark::kit
