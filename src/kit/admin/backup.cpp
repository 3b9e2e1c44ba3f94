#include "kit/admin/endpoints.hpp"

namespace tidemark::kit {
namespace {

struct BackupWish {
  std::optional<std::uint32_t> keep;
};
BOOST_DESCRIBE_STRUCT(BackupWish, (), (keep))

struct BackupMade {
  std::string backup;
  std::uint64_t lsn;
  std::string made;
  std::uint64_t bytes, copied_bytes;
  std::vector<std::string> removed;
};
BOOST_DESCRIBE_STRUCT(BackupMade, (), (backup, lsn, made, bytes, copied_bytes, removed))

struct BackupState {
  bool underway;
  std::uint64_t done_bytes, bytes;
};
BOOST_DESCRIBE_STRUCT(BackupState, (), (underway, done_bytes, bytes))

}  // namespace

void add_backup_endpoints(AdminRoutes& routes, AdminContext& context) {
  routes.family("store");
  routes.get("/backup", "How far the backup is that is being made", [&context](Request&) {
    const auto progress = context.store.backup_underway();
    return progress ? BackupState{true, progress->done_bytes, progress->bytes} : BackupState{false, 0, 0};
  });
  routes.post<BackupWish>(
      "/backup", "Copies the store to a new folder", [&context](const BackupWish& wish, Request& request) {
        if (request.body.empty())
          throw UnsupportedMediaType{"a backup is asked for with application/json: {}, or {\"keep\": 7}"};
        auto answer = context.store.backup({.folder = context.settings.backups, .keep = wish.keep.value_or(0)});
        if (!answer && answer.error().code == ErrorCode::in_use) throw Conflict{answer.error().text()};
        const auto made = std::move(answer).or_raise();
        return BackupMade{made.path, made.lsn.value, made.made, made.bytes, made.copied_bytes, made.removed};
      });
}

}  // namespace tidemark::kit
