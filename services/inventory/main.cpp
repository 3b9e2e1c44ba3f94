#include "inventory/inventory.hpp"

int main(int argc, char** argv) {
  auto service = shop::make_inventory();
  return tidemark::run(service, argc, argv);
}
