#include "roles/roles.hpp"

int main(int argc, char** argv) {
  auto service = shop::make_roles();
  return tidemark::run(service, argc, argv);
}
