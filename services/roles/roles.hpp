// Roles gives each user a role, by their job, and prints it.
#pragma once
#include <tidemark/tidemark.hpp>

namespace shop {

struct Role {
  std::string id;  // the user's
  std::string name;
  std::string job;
  std::string role;
  tidemark::TimePoint assigned_at;
};
BOOST_DESCRIBE_STRUCT(Role, (), (id, name, job, role, assigned_at))

// "admin", "editor" or "member"; upper and lower case are alike.
std::string role_for(std::string_view job);

// What is printed of a role: a line.
std::string role_text(const Role& role);

tidemark::Service make_roles();

}  // namespace shop
