// Id-cards makes a card for each user, and prints it.
#pragma once
#include <tidemark/tidemark.hpp>

namespace shop {

struct Card {
  std::string id;  // the user's
  std::string number;
  std::string name;
  std::string job;
  tidemark::TimePoint issued_at;
};
BOOST_DESCRIBE_STRUCT(Card, (), (id, number, name, job, issued_at))

// "1234-5678-9012": the same for the same user, so that a repeated run makes the same card.
std::string card_number(std::string_view user_id);

// The card as it is printed.
std::string card_text(const Card& card);

tidemark::Service make_id_cards();

}  // namespace shop
