// Durable publishes with so many in flight, beside a loop that only writes and syncs as many bytes.
#include <fcntl.h>
#include <unistd.h>

#include <deque>

#include "engine/measure.hpp"

namespace bench {
namespace {

using namespace tidemark;

// One thread, as one I/O thread of a service would: it publishes until so many are not durable yet, then waits for the
// oldest.
double publishes_per_second(std::size_t in_flight, double seconds) {
  const Folder folder;
  const auto engine = open_engine(folder.path("data"), "always");
  auto& storage = engine->storage();
  std::deque<Lsn> waiting;
  std::uint64_t published = 0;
  const Stopwatch time;
  while (time.seconds() < seconds) {
    const auto durable = engine->durable();
    while (!waiting.empty() && waiting.front() <= durable) waiting.pop_front();
    if (waiting.size() < in_flight) {
      waiting.push_back(engine->commit(publication("orders", published++)).or_raise().lsn);
    } else {
      storage.wait_durable(waiting.front());
    }
  }
  if (!waiting.empty()) storage.wait_durable(waiting.back());
  return static_cast<double>(published) / time.seconds();
}

double written_per_second(std::size_t batch, double seconds) {
  const Folder folder;
  const int file = ::open(folder.path("log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const std::string bytes(batch * 100, 'x');
  std::uint64_t written = 0;
  const Stopwatch time;
  while (time.seconds() < seconds) {
    if (::write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) || ::fdatasync(file) != 0)
      std::perror("the bare log"), std::exit(1);
    written += batch;
  }
  ::close(file);
  return static_cast<double>(written) / time.seconds();
}

}  // namespace

void measure_publishing(double seconds) {
  for (const std::size_t in_flight : {1, 64, 1000}) {
    const auto name = std::to_string(in_flight);
    say("publish/" + name, publishes_per_second(in_flight, seconds));
    say("bare_log/" + name, written_per_second(in_flight, seconds));
  }
}

}  // namespace bench
