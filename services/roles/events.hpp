// What roles tells the others.
#pragma once
#include <tidemark/described.hpp>

namespace shop {

struct RoleAssigned {
  std::string user_id;
  std::string name;
  std::string job;
  std::string role;
  tidemark::TimePoint assigned_at;
};
BOOST_DESCRIBE_STRUCT(RoleAssigned, (), (user_id, name, job, role, assigned_at))

}  // namespace shop
