#include "web/web.hpp"

#include "accounts/events.hpp"
#include "id-cards/events.hpp"
#include "inventory/events.hpp"
#include "payments/events.hpp"
#include "roles/events.hpp"

namespace shop {

tidemark::Service make_web() {
  tidemark::Service web{"web"};
  web.port(3000).about("The shop's web page");
  web.events("/api/events")
      .topic<UserCreated>("user_created")
      .topic<CardMade>("card_made")
      .topic<RoleAssigned>("role_assigned")
      .topic<ProductSaved>("product_saved")
      .topic<ProductDeleted>("product_deleted")
      .topic<StockTaken>("stock_taken")
      .topic<RefundOrder>("refund_order")
      .topic<OrderPlaced>("order_placed")
      .topic<OrderCompleted>("order_completed")
      .topic<OrderRefunded>("order_refunded");
  web.files("web");
  return web;
}

}  // namespace shop
