// What id-cards tells the others.
#pragma once
#include <tidemark/described.hpp>

namespace shop {

struct CardMade {
  std::string user_id;
  std::string number;
  std::string name;
  std::string job;
  tidemark::TimePoint issued_at;
};
BOOST_DESCRIBE_STRUCT(CardMade, (), (user_id, number, name, job, issued_at))

}  // namespace shop
