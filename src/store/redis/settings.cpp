#include "store/redis/settings.hpp"

#include <algorithm>
#include <charconv>

#include "telemetry/log.hpp"

namespace tidemark::store {
namespace {

constexpr std::uint32_t VERSION_MAJOR_MIN = 7;
constexpr Duration LOOK_EVERY{30'000};

// "name:value\r\n" lines.
std::string_view value_of(std::string_view info, std::string_view name) {
  for (std::size_t at = 0; at < info.size();) {
    const auto end = std::min(info.find('\n', at), info.size());
    auto line = info.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == ':') {
      return line.substr(name.size() + 1);
    }
    at = end + 1;
  }
  return {};
}

template <class Number>
Number number_of(std::string_view text) {
  Number number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Failure refused(const RedisOptions& options, std::string message) {
  return fail(ErrorCode::invalid, std::move(message), options.url);
}

// What a crash of one of the masters takes with it.
std::string loss_in_crash(const Settings& settings) {
  if (settings.append_only) {
    if (!settings.append_fsync) {
      return "the server keeps an append-only file, but its user may not ask how often it is synced (CONFIG GET), so "
             "what a crash can lose is not known";
    }
    if (*settings.append_fsync == "always") {
      return "every commit is on the server's disk (appendfsync always) before it is acknowledged";
    }
    if (*settings.append_fsync == "everysec") {
      return "a crash of the server can lose the last second or two (appendfsync everysec)";
    }
    return "a crash of the server can lose what the operating system had not written yet (appendfsync no)";
  }
  if (!settings.append_fsync) {
    return "the server keeps no append-only file: a crash loses what came after its last snapshot, if it makes any";
  }
  if (settings.snapshots) {
    return "the server keeps no append-only file: a crash loses everything since its last snapshot (save)";
  }
  return "the server keeps nothing on disk: a crash loses everything";
}

std::string loss_in_failover(const std::vector<Settings>& settings, const RedisOptions& options) {
  const auto fewest = std::ranges::min_element(settings, {}, &Settings::replicas)->replicas;
  if (options.wait_replicas > 0) {
    auto text = "commits are acknowledged when " + std::to_string(options.wait_replicas) + " replica(s) have them";
    if (fewest < options.wait_replicas) {
      text += ", of which " + std::to_string(fewest) + " are connected";
    }
    return text;
  }
  if (fewest == 0) return "there is no replica to take over";
  return "a fail-over can lose what was not replicated yet; ?wait=1 makes commits wait for a replica";
}

}  // namespace

Settings Settings::from_info(std::string_view info) {
  Settings settings;
  settings.version = value_of(info, "redis_version");
  settings.version_major = number_of<std::uint32_t>(settings.version);
  settings.cluster_enabled = value_of(info, "cluster_enabled") == "1";
  settings.memory_bytes_max = number_of<std::uint64_t>(value_of(info, "maxmemory"));
  settings.memory_policy = value_of(info, "maxmemory_policy");
  settings.replicas = number_of<std::uint32_t>(value_of(info, "connected_slaves"));
  settings.append_only = value_of(info, "aof_enabled") == "1";
  return settings;
}

void Settings::read_config(const resp::Value& answer) {
  for (std::size_t i = 0; i + 1 < answer.items.size(); i += 2) {
    const auto& name = answer.items[i].text;
    const auto& value = answer.items[i + 1].text;
    if (name == "appendonly") append_only = value == "yes";
    if (name == "appendfsync") append_fsync = value;
    if (name == "save") snapshots = !value.empty();
  }
}

Result<std::vector<Settings>> read_settings(Server& server) {
  auto& client = server.client();
  std::vector<Settings> all;
  for (const auto& reply : client.call_masters(redis::Command{"INFO", "everything"}.repeatable())) {
    if (!reply.answered()) return *reply.failure;
    if (reply.value.is_error()) return failure_of(reply.value, "INFO");
    all.push_back(Settings::from_info(reply.value.text));
  }
  // Answers of masters come in no order. They are set alike, or else the worst counts for all.
  const auto configs = client.call_masters(redis::Command{"CONFIG", "GET", "append*", "save"}.repeatable());
  const auto modules = client.call_masters(redis::Command{"COMMAND", "INFO", "JSON.SET"}.repeatable());
  const bool has_json = std::ranges::all_of(modules, [](const auto& reply) {
    return reply.answered() && reply.value.items.size() == 1 && !reply.value.items.front().items.empty();
  });
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].has_json = has_json;
    if (i < configs.size() && configs[i].answered()) all[i].read_config(configs[i].value);
  }
  return all;
}

Result<void> check_settings(const std::vector<Settings>& settings, const RedisOptions& options) {
  const bool clustered = options.client.topology == redis::Options::Topology::cluster;
  for (const auto& of : settings) {
    if (of.version_major < VERSION_MAJOR_MIN) {
      return refused(options,
                     "the server has version " + of.version + "; Tidemark needs Redis 7.0 or Valkey 7.2, or later");
    }
    if (of.cluster_enabled && !clustered) {
      return refused(options, "the server is a node of a cluster; name it with redis+cluster://");
    }
    if (of.memory_bytes_max > 0 && of.memory_policy != "noeviction") {
      return refused(options, "the server drops keys when its memory is full (maxmemory-policy " + of.memory_policy +
                                  "), and with them documents and events; set it to noeviction, or maxmemory to 0");
    }
    if (options.require_fsync && !of.syncs_always()) {
      return refused(options,
                     of.append_fsync
                         ? "?require=fsync asks for a server that syncs before it answers; set appendonly to yes "
                           "and appendfsync to always"
                         : "?require=fsync asks for a server that syncs before it answers, which its user may not "
                           "find out; let it use CONFIG GET");
    }
  }
  return {};
}

DurabilityReport durability_of(const std::vector<Settings>& settings, const RedisOptions& options) {
  DurabilityReport report;
  const auto worst = std::ranges::find_if_not(settings, &Settings::syncs_always);
  const bool on_disk = worst == settings.end();
  const auto& shown = on_disk ? settings.front() : *worst;
  report.summary = loss_in_crash(shown) + "; " + loss_in_failover(settings, options);
  const bool no_failover = std::ranges::all_of(settings, [](const auto& of) { return of.replicas == 0; });
  report.loses_nothing = on_disk && (no_failover || options.wait_replicas > 0);
  return report;
}

void SettingsWatch::look(Server& server) {
  const auto now = server.thread().loop().now();
  const auto epoch = server.client().topology_epoch();
  if (now < look_at_ && epoch == topology_epoch_) return;
  look_at_ = now + LOOK_EVERY;
  topology_epoch_ = epoch;
  const auto settings = read_settings(server);
  if (!settings || settings->empty()) return;  // the server is out of reach, which health() says
  auto& shared = server.shared();
  auto report = durability_of(*settings, shared.options);
  const auto summary = report.summary;
  if (shared.set_durability(std::move(report))) log::warn("durability changed", {{"durability", summary}});
  if (auto checked = check_settings(*settings, shared.options); !checked) {
    log::error("the server's settings don't do any more", {{"reason", checked.error().text()}});
  }
}

}  // namespace tidemark::store
