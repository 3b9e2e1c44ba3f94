#include "accounts/accounts.hpp"

#include <array>
#include <functional>

#include "accounts/events.hpp"

namespace shop {
namespace {

using namespace tidemark;

constexpr std::array FIRST_NAMES{"Ada",  "Björn", "Chiara",  "Dmitri", "Elif", "Femi", "Grace",
                                 "Hiro", "Ines",  "Jonas",   "Kavya",  "Luís", "Mei",  "Nadia",
                                 "Otto", "Priya", "Quentin", "Rosa",   "Sami", "Tove"};
constexpr std::array LAST_NAMES{"Adeyemi", "Berg",   "Costa",  "Dubois",   "Eriksen",   "Fischer", "García",
                                "Hansen",  "Ito",    "Jansen", "Kowalski", "Lindqvist", "Moreau",  "Novak",
                                "Okafor",  "Petrov", "Rossi",  "Sato",     "Tanaka",    "Weber"};
constexpr std::array JOBS{"cook",    "teacher", "engineer", "nurse", "carpenter",
                          "manager", "pilot",   "gardener", "clerk", "driver"};
constexpr std::array STREETS{"Mill Lane",    "High Street", "Harbour Road", "Church Hill",
                             "Station Road", "Long Acre",   "Beech Avenue", "Quay Street"};

User add_user(Transaction& tx, const std::optional<Person>& given) {
  const std::string id = tx.new_id();
  const Person person = given ? *given : make_up_person(std::hash<std::string>{}(id));
  const User user{id, person.name, person.phone, person.job, person.address};
  tx.put(user);
  tx.publish(UserCreated{user.id, user.name, user.phone, user.job, user.address});
  return user;
}

Page<User> list_users(Transaction& tx, const Request& request) {
  return tx.documents<User>().descending().page_of(request).page();
}

std::optional<User> get_user(Transaction& tx, const Request& request) {
  return tx.find<User>(request.path_parameter("id"));
}

}  // namespace

Person make_up_person(std::uint64_t seed) {
  std::mt19937_64 random{seed};
  const auto pick = [&](const auto& list) -> std::string { return list[random() % list.size()]; };
  const auto number = [&](std::uint64_t low, std::uint64_t high) {
    return std::to_string(low + random() % (high - low + 1));
  };
  Person person;
  person.name = pick(FIRST_NAMES) + " " + pick(LAST_NAMES);
  person.phone = "+44 1632 960" + number(100, 999);  // a range kept for fiction
  person.job = pick(JOBS);
  person.address = number(1, 240) + " " + pick(STREETS);
  return person;
}

Service make_accounts() {
  Service service{"accounts"};
  service.port(5000).about("Keeps the users");
  service.collection<User>("users");
  service.publishes<UserCreated>("user_created").key(&UserCreated::id);
  service.post("/add-user", add_user)
      .summary("A new user: the person in the body, or a made-up one without a body")
      .location("/users/{id}");
  service.get("/users", list_users).summary("Users, newest first");
  service.get("/users/{id}", get_user).summary("One user");
  return service;
}

}  // namespace shop
