#include "savings.hpp"

int main(int argc, char** argv) {
  Bank bank;
  auto service = make_savings(bank);
  return tidemark::run(service, argc, argv);
}
