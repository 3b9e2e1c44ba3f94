#include "roles/roles.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <memory>

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

// One line. What a terminal would obey, also as U+0080 to U+009F, is a question mark: the name is a stranger's.
std::string role_text(const Role& role) {
  std::string text = role.name + " (" + role.job + ") is now " + role.role;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool is_c1 = c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c < 0x20 || c == 0x7F || is_c1) text.replace(i, is_c1 ? 2 : 1, "?");
  }
  return text + '\n';
}

namespace {

void assign_role(Transaction& tx, const UserCreated& user, ThreadPool& printer) {
  if (tx.find<Role>(user.id)) return;
  const Role role{user.id, user.name, user.job, role_for(user.job), tx.now()};
  tx.put(role);
  tx.publish(RoleAssigned{role.id, role.name, role.job, role.role, role.assigned_at});
  tx.after_durable([role, &printer] {
    printer.run([&] {  // a terminal may take its time
      std::fputs(role_text(role).c_str(), stdout);
      std::fflush(stdout);
    });
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
  const auto printer = std::make_shared<ThreadPool>("role printer", 1);
  service
      .on<UserCreated>("user_created",
                       [printer](Transaction& tx, const UserCreated& user) { assign_role(tx, user, *printer); })
      .group("user-role")
      .key(&UserCreated::id);
  service.get("/roles", list_roles).summary("Roles, of the newest users first");
  service.get("/roles/{user_id}", get_role).summary("The role of a user");
  return service;
}

}  // namespace shop
