// tidemark backups: which there are in a folder.
#include "storage/backup.hpp"
#include "tidemark/commands.hpp"

namespace tidemark::cli {
namespace {

int list(const Tool& tool, const std::string& folder) {
  const auto found = storage::list_backups(folder);
  if (!found) return tool.failed(found.error());
  json::Writer out;
  out.begin_object().key("items").begin_array();
  bool well = true;
  for (const auto& [path, manifest] : *found) {
    out.begin_object().member("backup", path);
    if (manifest) {
      out.member("made", manifest->made).member("lsn", manifest->lsn.value).member("bytes", manifest->bytes());
      tool.say(path + ": made " + manifest->made + ", " + readable_bytes(manifest->bytes()) + ", commits up to LSN " +
               std::to_string(manifest->lsn.value));
    } else {
      out.member("wrong", manifest.error().message);
      tool.say(path + ": " + manifest.error().message);
      well = false;
    }
    out.end_object();
  }
  if (tool.json()) tool.give(std::move(out.end_array().end_object()));
  if (found->empty()) tool.say("there are no backups in " + folder);
  return well ? DONE : DAMAGED;
}

}  // namespace

void add_backups(CLI::App& app, Tool& tool) {
  const auto folder = std::make_shared<std::string>();
  auto& command = tool.command(app, "backups", "lists the backups in a folder, the oldest first",
                               [&tool, folder] { return list(tool, *folder); });
  command.add_option("--in", *folder, "the folder for backups")->type_name("DIR")->required();
}

}  // namespace tidemark::cli
