// The shop: its five services and its web page in one process, on one store.
#include <cstdlib>

#include "accounts/accounts.hpp"
#include "accounts/events.hpp"
#include "id-cards/events.hpp"
#include "id-cards/id_cards.hpp"
#include "inventory/events.hpp"
#include "inventory/inventory.hpp"
#include "payments/events.hpp"
#include "payments/payments.hpp"
#include "payments/provider.hpp"
#include "roles/events.hpp"
#include "roles/roles.hpp"

namespace {

// The page, the services below /api/<service>, and all that happens as one stream.
tidemark::Service make_web(const std::vector<tidemark::Service*>& services) {
  tidemark::Service web{"web"};
  web.port(3000).about("The shop's web page");
  for (const auto* service : services) web.mount("/api/" + service->name(), *service);
  web.events("/api/events")
      .topic<shop::UserCreated>("user_created")
      .topic<shop::CardMade>("card_made")
      .topic<shop::RoleAssigned>("role_assigned")
      .topic<shop::ProductSaved>("product_saved")
      .topic<shop::ProductDeleted>("product_deleted")
      .topic<shop::StockTaken>("stock_taken")
      .topic<shop::RefundOrder>("refund_order")
      .topic<shop::OrderPlaced>("order_placed")
      .topic<shop::OrderCompleted>("order_completed")
      .topic<shop::OrderRefunded>("order_refunded");
  web.files("web");
  return web;
}

}  // namespace

int main(int argc, char** argv) {
  const char* charges = std::getenv("SHOP_CHARGES");
  shop::Provider provider{charges ? charges : ""};
  auto accounts = shop::make_accounts();
  auto id_cards = shop::make_id_cards();
  auto roles = shop::make_roles();
  auto inventory = shop::make_inventory();
  auto payments = shop::make_payments(provider);
  auto web = make_web({&accounts, &id_cards, &roles, &inventory, &payments});
  return tidemark::run("shop", {&web, &accounts, &id_cards, &roles, &inventory, &payments}, argc, argv);
}
