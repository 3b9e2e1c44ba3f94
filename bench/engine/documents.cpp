// Documents of some 200 bytes, 10,000 of them: read, put, put where there are two indexes, and a query of 50 by index.
#include <deque>
#include <functional>

#include "base/random.hpp"
#include "engine/measure.hpp"

namespace bench {
namespace {

using namespace tidemark;

constexpr std::uint64_t DOCUMENTS = 10'000;
constexpr std::size_t IN_FLIGHT = 50;  // puts that are not durable yet; as many clients as beside it

std::string id_of(std::uint64_t number) { return "user-" + std::to_string(100'000 + number); }

std::string json_of(std::uint64_t number, std::uint64_t age) {
  return R"({"id":")" + id_of(number) + R"(","age":)" + std::to_string(age) + R"(,"city":"City )" +
         std::to_string(number % 100) + R"(","note":")" + std::string(130, 'x') + R"("})";
}

class Users {
 public:
  Users() {
    engine_->declare_collection({"bench.plain", {}}).or_raise();
    engine_->declare_collection({"bench.indexed", {{"age", "age", false}, {"city", "city", false}}}).or_raise();
    for (std::uint64_t number = 0; number < DOCUMENTS; ++number)
      put("bench.plain", number), put("bench.indexed", number);
    engine_->storage().wait_durable(engine_->sequenced());
  }

  void put(const std::string& collection, std::uint64_t number) {
    model::Commit commit;
    commit.partition = partition_;
    commit.documents.push_back({collection, id_of(number), json_of(number, random_.below(100)), {++counter_, 7}});
    const auto lsn = engine_->commit(commit).or_raise().lsn;
    waiting_.push_back(lsn);
    if (waiting_.size() < IN_FLIGHT) return;
    engine_->storage().wait_durable(waiting_.front());
    while (!waiting_.empty() && waiting_.front() <= engine_->durable()) waiting_.pop_front();
  }
  void read() { found_ += engine_->find(partition_, "bench.plain", id_of(any())).or_raise().value.has_value(); }
  void query() {
    model::Query query{
        .collection = "bench.indexed", .index = "age", .equal = {}, .from = {}, .below = {}, .after = {}};
    query.equal = static_cast<std::int64_t>(random_.below(100));
    query.limit = 50;
    found_ += engine_->query(partition_, query).or_raise().value.documents.size();
  }
  std::uint64_t any() { return random_.below(DOCUMENTS); }

 private:
  const Folder folder_;
  const std::unique_ptr<engine::Engine> engine_ = open_engine(folder_.path("data"), "always");
  const model::Partition partition_{"bench", 0};
  Random random_{1};
  std::uint64_t counter_ = 0, found_ = 0;
  std::deque<Lsn> waiting_;
};

double per_second(double seconds, const std::function<void()>& once) {
  std::uint64_t done = 0;
  const Stopwatch time;
  for (; done % 64 != 0 || time.seconds() < seconds; ++done) once();
  return static_cast<double>(done) / time.seconds();
}

}  // namespace

void measure_documents(double seconds) {
  Users users;
  say("documents/read", per_second(seconds, [&] { users.read(); }));
  say("documents/put", per_second(seconds, [&] { users.put("bench.plain", users.any()); }));
  say("documents/put_indexed", per_second(seconds, [&] { users.put("bench.indexed", users.any()); }));
  say("documents/query", per_second(seconds, [&] { users.query(); }));
}

}  // namespace bench
