// Settings: what a server is and how it is set, as far as Tidemark's promises depend on it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "store/redis/server.hpp"
#include "store/store.hpp"

namespace tidemark::store {

// Of one master.
struct Settings {
  std::string version;  // "7.0.15"
  std::uint32_t version_major = 0;
  bool cluster_enabled = false;
  std::uint64_t memory_bytes_max = 0;  // 0: no limit
  std::string memory_policy;
  std::uint32_t replicas = 0;  // connected
  bool append_only = false;
  bool snapshots = false;                   // when append_only is not: from CONFIG
  std::optional<std::string> append_fsync;  // "always", "everysec", "no"; none: the user may not ask
  bool has_json = false;

  // From INFO, as it is answered.
  static Settings from_info(std::string_view info);
  // What CONFIG GET appendonly appendfsync save has answered.
  void read_config(const resp::Value& answer);

  bool syncs_always() const { return append_only && append_fsync == "always"; }
};

// On a fiber of the server's thread: asks every master.
Result<std::vector<Settings>> read_settings(Server& server);

// Whether a store may be opened there: `invalid` says what to change.
Result<void> check_settings(const std::vector<Settings>& settings, const RedisOptions& options);

// What a crash and a fail-over can lose.
DurabilityReport durability_of(const std::vector<Settings>& settings, const RedisOptions& options);

// For maintain(): looks now and then, and after a fail-over, whether what was said of durability still holds, and logs
// it where it does not.
class SettingsWatch {
 public:
  // On a fiber of the server's thread.
  void look(Server& server);

 private:
  Instant look_at_{};
  std::uint64_t topology_epoch_ = 0;
};

}  // namespace tidemark::store
