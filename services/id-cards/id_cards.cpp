#include "id-cards/id_cards.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>

#include "accounts/events.hpp"
#include "id-cards/events.hpp"

namespace shop {

using namespace tidemark;

std::string card_number(std::string_view user_id) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a
  for (const char c : user_id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  std::string digits = std::to_string(hash % 1'000'000'000'000ULL);  // twelve digits
  digits.insert(0, 12 - digits.size(), '0');
  return digits.substr(0, 4) + '-' + digits.substr(4, 4) + '-' + digits.substr(8);
}

namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }  // a character of UTF-8

// The text in so many columns, one for a character. What a terminal would obey, also as U+0080 to U+009F, is a question
// mark: the name is a stranger's.
std::string in_columns(std::string text, std::size_t columns) {
  std::size_t characters = 0, end = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool is_c1 = c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c < 0x20 || c == 0x7F) text[i] = '?';
    if (is_c1) text.replace(i, 2, "?");
    if (!continues(text[i]) && ++characters > columns) break;
    end = i + 1;
  }
  text.resize(end);
  return text + std::string(columns - std::min(columns, characters), ' ');
}

}  // namespace

std::string card_text(const Card& card) {
  constexpr std::size_t WIDTH = 34;
  const auto line = [](const std::string& text) { return "| " + in_columns(text, WIDTH) + " |\n"; };
  const std::string edge = "+" + std::string(WIDTH + 2, '-') + "+\n";
  return edge + line("ID CARD  " + card.number) + line(card.name) + line(card.job) + edge;
}

namespace {

void make_card(Transaction& tx, const UserCreated& user, ThreadPool& printer) {
  if (tx.find<Card>(user.id)) return;
  const Card card{user.id, card_number(user.id), user.name, user.job, tx.now()};
  tx.put(card);
  tx.publish(CardMade{card.id, card.number, card.name, card.job, card.issued_at});
  tx.after_durable([card, &printer] {
    printer.run([&] {  // a terminal may take its time
      std::fputs(card_text(card).c_str(), stdout);
      std::fflush(stdout);
    });
  });
}

Page<Card> list_cards(Transaction& tx, const Request& request) {
  return tx.documents<Card>().descending().page_of(request).page();
}

std::optional<Card> get_card(Transaction& tx, const Request& request) {
  return tx.find<Card>(request.path_parameter("user_id"));
}

}  // namespace

Service make_id_cards() {
  Service service{"id-cards"};
  service.port(5001).about("Makes a card for each user");
  service.collection<Card>("cards");
  service.publishes<CardMade>("card_made").key(&CardMade::user_id);
  const auto printer = std::make_shared<ThreadPool>("card printer", 1);
  service
      .on<UserCreated>("user_created",
                       [printer](Transaction& tx, const UserCreated& user) { make_card(tx, user, *printer); })
      .group("user-id-card")
      .key(&UserCreated::id);
  service.get("/cards", list_cards).summary("Cards, of the newest users first");
  service.get("/cards/{user_id}", get_card).summary("The card of a user");
  return service;
}

}  // namespace shop
