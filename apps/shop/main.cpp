// The shop: its five services and its web page in one process, on one store.
#include <cstdlib>
#include <exception>
#include <iostream>

#include "accounts/accounts.hpp"
#include "id-cards/id_cards.hpp"
#include "inventory/inventory.hpp"
#include "payments/payments.hpp"
#include "payments/provider.hpp"
#include "roles/roles.hpp"
#include "web/web.hpp"

int main(int argc, char** argv) try {
  const char* charges = std::getenv("SHOP_CHARGES");
  shop::Provider provider{charges ? charges : ""};
  auto accounts = shop::make_accounts();
  auto id_cards = shop::make_id_cards();
  auto roles = shop::make_roles();
  auto inventory = shop::make_inventory();
  auto payments = shop::make_payments(provider);
  auto web = shop::make_web();
  for (const auto* service : {&accounts, &id_cards, &roles, &inventory, &payments})
    web.mount("/api/" + service->name(), *service);
  return tidemark::run("shop", {&web, &accounts, &id_cards, &roles, &inventory, &payments}, argc, argv);
} catch (const std::exception& error) {
  std::cerr << "shop: " << error.what() << '\n';
  return 2;
}
