// What accounts tells the others.
#pragma once
#include <tidemark/described.hpp>

namespace shop {

struct UserCreated {
  std::string id;
  std::string name;
  std::string phone;
  std::string job;
  std::string address;
};
BOOST_DESCRIBE_STRUCT(UserCreated, (), (id, name, phone, job, address))

}  // namespace shop
