#include "accounts/accounts.hpp"

#include <gtest/gtest.h>

#include <tidemark/testing.hpp>

namespace shop {
namespace {

TEST(Accounts, MakesUpTheSamePersonForTheSameSeed) {
  EXPECT_EQ(tidemark::to_json(make_up_person(7)), tidemark::to_json(make_up_person(7)));
  EXPECT_NE(tidemark::to_json(make_up_person(7)), tidemark::to_json(make_up_person(8)));
}

// With so many partitions of each service.
class AccountsInPartitions : public testing::TestWithParam<std::uint16_t> {};
INSTANTIATE_TEST_SUITE_P(Partitions, AccountsInPartitions, testing::Values(1, 4));

TEST_P(AccountsInPartitions, AddsTheGivenPersonOrAMadeUpOne) {
  const auto accounts = make_accounts();
  tidemark::testing::TestApplication app{{&accounts}, GetParam()};
  const auto given =
      app.request("accounts", "POST", "/add-user", R"({"name":"Ann","phone":"555","job":"cook","address":"1 Road"})");
  ASSERT_EQ(given.status, 201) << given.body;
  const auto ann = tidemark::from_json<User>(given.body);
  EXPECT_EQ(ann.name, "Ann");
  const auto made_up = app.request("accounts", "POST", "/add-user");
  ASSERT_EQ(made_up.status, 201) << made_up.body;
  EXPECT_FALSE(tidemark::from_json<User>(made_up.body).name.empty());
  EXPECT_EQ(given.header("Location"), "/users/" + ann.id);
  EXPECT_EQ(app.request("accounts", "GET", given.header("Location")).body, given.body);
  EXPECT_NE(app.request("accounts", "GET", "/users").body.find(ann.id), std::string::npos);
}

TEST(Accounts, SaysWhatIsWrongWithAPerson) {
  const auto accounts = make_accounts();
  tidemark::testing::TestApplication app{{&accounts}};
  const auto nameless = app.request("accounts", "POST", "/add-user", R"({"name":"","phone":"","job":"","address":""})");
  EXPECT_EQ(nameless.status, 422);
  EXPECT_NE(nameless.body.find("name: "), std::string::npos) << nameless.body;
  EXPECT_EQ(app.request("accounts", "POST", "/add-user", "{").status, 400);
  EXPECT_EQ(app.request("accounts", "GET", "/users/nobody").status, 404);
}

}  // namespace
}  // namespace shop
