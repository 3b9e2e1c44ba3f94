// Power cuts: an engine on a simulated disk, at which several threads work until the power fails, again and again.
#pragma once
#include <cstdint>
#include <string>

namespace tidemark::engine {

// Breaks what the engine relies on, to see that the checks notice.
enum class Sabotage {
  none,
  log_syncs_lost,        // the disk says that the log is synced, and it is not
  one_log_sync_lost,     // once
  directory_syncs_lost,  // the same of names
  tidemark_moves_early,  // the storage says that a commit is durable when it is only sequenced
};

struct Tried {
  std::uint64_t cuts = 0, commits = 0, durable_commits = 0;
};

// Plays what follows from the seed: random work, a power cut or a kill -9 anywhere in it, recovery, and so on. Returns
// what was wrong afterwards, empty when nothing was. The threads' work follows from the seed, how they take turns does
// not.
std::string play_power_cuts(std::uint64_t seed, Sabotage sabotage, Tried& tried);

}  // namespace tidemark::engine
