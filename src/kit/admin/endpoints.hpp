// The families of the operator's endpoints: each file adds its own. The context outlives the routes.
#pragma once
#include "kit/admin/context.hpp"
#include "kit/admin/routes.hpp"

namespace tidemark::kit {

void add_backup_endpoints(AdminRoutes& routes, AdminContext& context);
void add_change_endpoints(AdminRoutes& routes, AdminContext& context);
void add_collection_endpoints(AdminRoutes& routes, AdminContext& context);
void add_dead_letter_endpoints(AdminRoutes& routes, AdminContext& context);
void add_document_endpoints(AdminRoutes& routes, AdminContext& context);
void add_entry_endpoints(AdminRoutes& routes, AdminContext& context);
void add_group_endpoints(AdminRoutes& routes, AdminContext& context);
void add_handler_endpoints(AdminRoutes& routes, AdminContext& context);
void add_health_endpoints(AdminRoutes& routes, AdminContext& context);
void add_journey_endpoints(AdminRoutes& routes, AdminContext& context);
void add_map_endpoints(AdminRoutes& routes, AdminContext& context);
void add_publish_endpoints(AdminRoutes& routes, AdminContext& context);
void add_system_endpoints(AdminRoutes& routes, AdminContext& context);
void add_tail_endpoints(AdminRoutes& routes, AdminContext& context);
void add_timer_endpoints(AdminRoutes& routes, AdminContext& context);
void add_topic_endpoints(AdminRoutes& routes, AdminContext& context);

}  // namespace tidemark::kit
