#include "id-cards/id_cards.hpp"

int main(int argc, char** argv) {
  auto service = shop::make_id_cards();
  return tidemark::run(service, argc, argv);
}
