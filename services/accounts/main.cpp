#include "accounts/accounts.hpp"

int main(int argc, char** argv) {
  auto service = shop::make_accounts();
  return tidemark::run(service, argc, argv);
}
