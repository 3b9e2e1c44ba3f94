#include "id-cards/id_cards.hpp"

#include <gtest/gtest.h>

#include <tidemark/testing.hpp>

#include "accounts/accounts.hpp"

namespace shop {
namespace {

TEST(IdCards, GivesTheSameNumberToTheSameUser) {
  EXPECT_EQ(card_number("01J"), card_number("01J"));
  EXPECT_NE(card_number("01J"), card_number("01K"));
  EXPECT_EQ(card_number("01J").size(), 14u);
}

TEST(IdCards, PrintsACardWhoseLinesAreEquallyWide) {
  const auto text = card_text({.id = "1", .number = "0000-0000-0001", .name = "Björn", .job = "cook"});
  EXPECT_NE(text.find("| Björn                              |\n"), std::string::npos) << text;
}

TEST(IdCards, PrintsNothingThatATerminalWouldObey) {
  const auto text = card_text({.id = "1",
                               .number = "0000-0000-0001",
                               .name = "\x1b[2J\nEve\x7f\xc2\x9b" + std::string(40, 'e'),
                               .job = std::string(40, 'j')});
  EXPECT_EQ(text,
            "+------------------------------------+\n"
            "| ID CARD  0000-0000-0001            |\n"
            "| ?[2J?Eve??eeeeeeeeeeeeeeeeeeeeeeee |\n"
            "| jjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj |\n"
            "+------------------------------------+\n");
}

// With so many partitions of each service.
class IdCardsInPartitions : public testing::TestWithParam<std::uint16_t> {};
INSTANTIATE_TEST_SUITE_P(Partitions, IdCardsInPartitions, testing::Values(1, 4));

TEST_P(IdCardsInPartitions, MakesACardForEachUser) {
  const auto accounts = make_accounts();
  const auto id_cards = make_id_cards();
  tidemark::testing::TestApplication app{{&accounts, &id_cards}, GetParam()};
  const auto user = tidemark::from_json<User>(app.request("accounts", "POST", "/add-user").body);
  app.wait_until([&] { return app.request("id-cards", "GET", "/cards/" + user.id).status == 200; });
  const auto card = tidemark::from_json<Card>(app.request("id-cards", "GET", "/cards/" + user.id).body);
  EXPECT_EQ(card.name, user.name);
  EXPECT_EQ(card.number, card_number(user.id));
}

}  // namespace
}  // namespace shop
