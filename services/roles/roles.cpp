#include "roles/roles.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>

#include "accounts/events.hpp"
#include "roles/events.hpp"

namespace shop {

using namespace tidemark;

std::string role_for(std::string_view job) {
  struct Rule {
    std::string_view job, role;
  };
  constexpr std::array RULES{Rule{"manager", "admin"}, Rule{"engineer", "admin"}, Rule{"teacher", "editor"},
                             Rule{"clerk", "editor"}};
  const auto same = [&](std::string_view other) {
    return std::ranges::equal(job, other, {}, [](unsigned char c) { return std::tolower(c); });
  };
  for (const auto& rule : RULES)
    if (same(rule.job)) return std::string{rule.role};
  return "member";
}

namespace {

void assign_role(Transaction& tx, const UserCreated& user) {
  if (tx.find<Role>(user.id)) return;
  const Role role{user.id, user.name, user.job, role_for(user.job), tx.now()};
  tx.put(role);
  tx.publish(RoleAssigned{role.id, role.name, role.job, role.role, role.assigned_at});
  tx.after_durable([role] {
    std::printf("%s (%s) is now %s\n", role.name.c_str(), role.job.c_str(), role.role.c_str());
    std::fflush(stdout);
  });
}

Page<Role> list_roles(Transaction& tx, const Request& request) {
  return tx.documents<Role>().descending().page_of(request).page();
}

std::optional<Role> get_role(Transaction& tx, const Request& request) {
  return tx.find<Role>(request.path_parameter("user_id"));
}

}  // namespace

Service make_roles() {
  Service service{"roles"};
  service.port(5002).about("Gives each user a role");
  service.collection<Role>("roles");
  service.publishes<RoleAssigned>("role_assigned").key(&RoleAssigned::user_id);
  service.on<UserCreated>("user_created", assign_role).group("user-role").key(&UserCreated::id);
  service.get("/roles", list_roles).summary("Roles, of the newest users first");
  service.get("/roles/{user_id}", get_role).summary("The role of a user");
  return service;
}

}  // namespace shop
