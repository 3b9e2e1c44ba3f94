#include "kit/admin/admin.hpp"

#include "kit/admin/endpoints.hpp"

namespace tidemark::kit {

Admin::Admin(AdminContext context) : context_{std::move(context)}, access_{context_.settings} {}

void Admin::add_routes(http::Router& router) {
  AdminRoutes routes{router, access_};
  add_backup_endpoints(routes, context_);
  add_change_endpoints(routes, context_);
  add_collection_endpoints(routes, context_);
  add_dead_letter_endpoints(routes, context_);
  add_document_endpoints(routes, context_);
  add_entry_endpoints(routes, context_);
  add_group_endpoints(routes, context_);
  add_handler_endpoints(routes, context_);
  add_health_endpoints(routes, context_);
  add_journey_endpoints(routes, context_);
  add_map_endpoints(routes, context_);
  add_publish_endpoints(routes, context_);
  add_system_endpoints(routes, context_);
  add_tail_endpoints(routes, context_);
  add_timer_endpoints(routes, context_);
  add_topic_endpoints(routes, context_);
  routes.add_description();
}

}  // namespace tidemark::kit
