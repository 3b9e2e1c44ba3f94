#include "web/web.hpp"

int main(int argc, char** argv) {
  auto service = shop::make_web();
  return tidemark::run(service, argc, argv);
}
