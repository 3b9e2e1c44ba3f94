#include "redis/test_ports.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <filesystem>
#include <random>
#include <set>
#include <stdexcept>
#include <string>

namespace tidemark::redis::testing {
namespace {

using boost::asio::ip::tcp;

bool can_be_bound(std::uint16_t port) {
  boost::asio::io_context io;
  tcp::acceptor acceptor{io};
  boost::system::error_code error;
  acceptor.open(tcp::v4());
  acceptor.set_option(tcp::acceptor::reuse_address{true});
  acceptor.bind({boost::asio::ip::address_v4::loopback(), port}, error);
  return !error;
}

// The lock on the port's file, which tests/harness/ports.py heeds, too, goes with the process.
bool lock_for_this_process(std::uint16_t port) {
  const auto folder = std::filesystem::temp_directory_path() / ("tidemark-ports-" + std::to_string(getuid()));
  std::filesystem::create_directories(folder);
  const std::string path = folder / std::to_string(port);
  const int file = open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) throw std::runtime_error{"can't reserve a port: no access to " + path};
  if (flock(file, LOCK_EX | LOCK_NB) == 0) return true;
  close(file);
  return false;
}

}  // namespace

std::uint16_t free_port() {
  static std::set<std::uint16_t> handed_out;
  static std::mt19937 chance{std::random_device{}()};
  std::uniform_int_distribution<std::uint16_t> ports{20'000, 31'999};
  while (true) {
    const std::uint16_t port = ports(chance);
    if (handed_out.contains(port) || !can_be_bound(port) || !lock_for_this_process(port)) continue;
    handed_out.insert(port);
    return port;
  }
}

}  // namespace tidemark::redis::testing
