// Admin: the operator's endpoints of one process, below /admin/v1, over all services that it runs (docs/admin-api.md).
// One file for each family of endpoints: endpoints.hpp lists them.
#pragma once
#include "http/router.hpp"
#include "kit/admin/access.hpp"
#include "kit/admin/context.hpp"

namespace tidemark::kit {

class Admin {
 public:
  explicit Admin(AdminContext context);
  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;

  // Adds all of them, with GET /admin/v1/openapi.json. This outlives the router.
  void add_routes(http::Router& router);

 private:
  AdminContext context_;
  AdminAccess access_;
};

}  // namespace tidemark::kit
