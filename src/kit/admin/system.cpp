#include <unistd.h>

#include <algorithm>
#include <set>

#include "kit/admin/endpoints.hpp"
#include "kit/setup/open_store.hpp"
#include "kit/setup/share.hpp"

namespace tidemark::kit {
namespace {

struct DurabilityState {
  std::string summary;
  bool loses_nothing;
};
BOOST_DESCRIBE_STRUCT(DurabilityState, (), (summary, loses_nothing))

struct HealthState {
  bool ready;
  std::string reason;  // why not, or empty
};
BOOST_DESCRIBE_STRUCT(HealthState, (), (ready, reason))

struct PartitionsState {
  std::uint16_t count;
  std::vector<std::uint16_t> held;
};
BOOST_DESCRIBE_STRUCT(PartitionsState, (), (count, held))

struct ServiceState {
  std::string name, about;
  std::uint16_t port;
  std::vector<std::uint16_t> held;
};
BOOST_DESCRIBE_STRUCT(ServiceState, (), (name, about, port, held))

struct SystemState {
  std::string version;
  std::int64_t process_id;
  TimePoint started;
  std::string store;
  DurabilityState durability;
  HealthState health;
  PartitionsState partitions;
  std::vector<ServiceState> services;
  bool web;
};
BOOST_DESCRIBE_STRUCT(SystemState, (),
                      (version, process_id, started, store, durability, health, partitions, services, web))

SystemState state_of(const AdminContext& context) {
  const auto durability = context.store.durability();
  const auto health = context.store.health();
  SystemState state{.version = TIDEMARK_VERSION,
                    .process_id = ::getpid(),
                    .started = context.started,
                    .store = without_passwords(context.settings.store),
                    .durability = {durability.summary, durability.loses_nothing},
                    .health = {health.ready, health.reason},
                    .partitions = {context.settings.partitions, {}},
                    .services = {},
                    .web = false};
  std::set<std::uint16_t> held;
  for (const auto& service : context.services) {
    const auto own = service.keeper.held();
    held.insert(own.begin(), own.end());
    state.services.push_back({service.spec.name, service.spec.about, service.port(), own});
    state.web = state.web || !service.spec.files_folder.empty();
  }
  state.partitions.held.assign(held.begin(), held.end());
  return state;
}

}  // namespace

void add_system_endpoints(AdminRoutes& routes, AdminContext& context) {
  routes.family("system");
  routes.get("/system", "What this process is and runs", [&context](Request&) { return state_of(context); });
}

}  // namespace tidemark::kit
