// A service whose handlers are slow, fail, hang or never come back, as the event says: for overload_test.py and
// troubled_handlers_test.py.
#include <chrono>
#include <string>
#include <vector>

#include "fiber/fiber.hpp"
#include "tidemark/tidemark.hpp"

namespace {

using namespace tidemark;
using namespace std::chrono_literals;

struct Job {
  std::string id;
  std::string key;
  std::string kind;  // "work", "throw", "hang" (waits without an end) or "spin" (keeps its thread)
  std::string padding;
};
BOOST_DESCRIBE_STRUCT(Job, (), (id, key, kind, padding))

struct Jobs {
  std::vector<Job> jobs;
};
BOOST_DESCRIBE_STRUCT(Jobs, (), (jobs))

// How often the work of a key was done.
struct Done {
  std::string id;
  int times = 0;
};
BOOST_DESCRIBE_STRUCT(Done, (), (id, times))

void do_job(Transaction& tx, const Job& job) {
  if (job.kind == "throw") throw std::runtime_error{"told to throw"};
  if (job.kind == "hang") this_fiber::sleep_for(24h);
  if (job.kind == "spin") {
    tx.durable();  // so that the job itself survives the process
    for (volatile bool spinning = true; spinning;) {
    }
  }
  this_fiber::sleep_for(4ms);
  auto done = tx.find<Done>(job.key).value_or(Done{.id = job.key});
  ++done.times;
  tx.put(done);
}

}  // namespace

int main(int argc, char** argv) {
  Service service{"troubled"};
  service.post("/jobs", [](Transaction& tx, const Jobs& given) {
    for (const auto& job : given.jobs) tx.publish(job);
  });
  service.get("/done",
              [](Transaction& tx, const Request& request) { return tx.documents<Done>().page_of(request).page(); });
  service.on<Job>("job", do_job).key(&Job::key).deadline(3s).retry({.attempts = 2, .first = 10ms, .at_most = 50ms});
  return run(service, argc, argv);
}
