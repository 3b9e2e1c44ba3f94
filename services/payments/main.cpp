#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>

#include "payments/payments.hpp"
#include "payments/provider.hpp"

// SHOP_CHARGES names the file in which the pretended payment provider remembers what it charged.
int main(int argc, char** argv) try {
  const char* charges = std::getenv("SHOP_CHARGES");
  shop::Provider provider{charges ? charges : ""};
  auto service = shop::make_payments(provider);
  return tidemark::run(service, argc, argv);
} catch (const std::exception& error) {
  std::cerr << "payments: " << error.what() << '\n';
  return 2;
}
