// Accounts keeps the users, real ones and made-up ones.
#pragma once
#include <random>
#include <tidemark/tidemark.hpp>

namespace shop {

struct User {
  std::string id;
  std::string name;
  std::string phone;
  std::string job;
  std::string address;
};
BOOST_DESCRIBE_STRUCT(User, (), (id, name, phone, job, address))

// What a person says of themselves.
struct Person {
  std::string name;
  std::string phone;
  std::string job;
  std::string address;

  static tidemark::Constraints<Person> constraints() {
    return {{&Person::name, {.min_length = 1, .max_length = 200}},
            {&Person::phone, {.max_length = 50}},
            {&Person::job, {.max_length = 100}},
            {&Person::address, {.max_length = 500}}};
  }
};
BOOST_DESCRIBE_STRUCT(Person, (), (name, phone, job, address))

// Somebody who does not exist. The same for the same seed.
Person make_up_person(std::uint64_t seed);

tidemark::Service make_accounts();

}  // namespace shop
