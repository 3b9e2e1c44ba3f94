// A service one of whose events ends the process: for poison_test.py, which restarts it until it stays up.
#include <cstdlib>
#include <tidemark/tidemark.hpp>

namespace {

using namespace tidemark;
using namespace std::chrono_literals;

struct Dose {
  std::string id;
  std::string kind;  // "poison" ends the process, "bitter" fails its first run, anything else is handled
};
BOOST_DESCRIBE_STRUCT(Dose, (), (id, kind))

struct Doses {
  std::vector<Dose> doses;
};
BOOST_DESCRIBE_STRUCT(Doses, (), (doses))

// A dose that was taken, and in which attempt.
struct Taken {
  std::string id;
  std::uint32_t attempt = 0;
  int times = 0;
};
BOOST_DESCRIBE_STRUCT(Taken, (), (id, attempt, times))

void take(Transaction& tx, const Dose& dose) {
  if (dose.kind == "poison") {
    tx.durable();  // so that the dose itself survives
    std::_Exit(66);
  }
  if (dose.kind == "bitter" && tx.attempt() == 1) throw std::runtime_error{"bitter"};
  auto taken = tx.find<Taken>(dose.id).value_or(Taken{.id = dose.id});
  taken.attempt = tx.attempt();
  ++taken.times;
  tx.put(taken);
}

}  // namespace

int main(int argc, char** argv) {
  Service service{"poison"};
  service.post("/doses", [](Transaction& tx, const Doses& given) {
    for (const auto& dose : given.doses) tx.publish(dose);
  });
  service.get("/taken",
              [](Transaction& tx, const Request& request) { return tx.documents<Taken>().page_of(request).page(); });
  service.on<Dose>("dose", take).group("first").retry({.attempts = 3, .first = 10ms, .at_most = 50ms});
  service.on<Dose>("dose", [](Transaction&, const Dose&) {}).group("second").retry({.attempts = 3});
  return run(service, argc, argv);
}
