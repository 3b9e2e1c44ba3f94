#include "roles/roles.hpp"

#include <gtest/gtest.h>

#include <tidemark/testing.hpp>

#include "accounts/accounts.hpp"

namespace shop {
namespace {

TEST(Roles, DependOnTheJob) {
  EXPECT_EQ(role_for("manager"), "admin");
  EXPECT_EQ(role_for("Teacher"), "editor");
  EXPECT_EQ(role_for("cook"), "member");
  EXPECT_EQ(role_for(""), "member");
}

TEST(Roles, PrintNothingThatATerminalWouldObey) {
  EXPECT_EQ(role_text({"1", "\x1b[2J\nEve\xc2\x9b", "Köchin\x7f", "member", {}}),
            "?[2J?Eve? (Köchin?) is now member\n");
}

// With so many partitions of each service.
class RolesInPartitions : public testing::TestWithParam<std::uint16_t> {};
INSTANTIATE_TEST_SUITE_P(Partitions, RolesInPartitions, testing::Values(1, 4));

TEST_P(RolesInPartitions, AreGivenToEachUser) {
  const auto accounts = make_accounts();
  const auto roles = make_roles();
  tidemark::testing::TestApplication app{{&accounts, &roles}, GetParam()};
  const auto user = tidemark::from_json<User>(
      app.request("accounts", "POST", "/add-user", R"({"name":"Ann","phone":"","job":"clerk","address":""})").body);
  app.wait_until([&] { return app.request("roles", "GET", "/roles/" + user.id).status == 200; });
  EXPECT_EQ(tidemark::from_json<Role>(app.request("roles", "GET", "/roles/" + user.id).body).role, "editor");
}

}  // namespace
}  // namespace shop
