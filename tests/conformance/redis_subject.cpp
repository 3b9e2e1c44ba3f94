// The Redis store as a subject of the conformance suite, on the deployment that TIDEMARK_REDIS_MODE names.
#include "conformance/redis_deployment.hpp"
#include "conformance/store_test.hpp"
#include "conformance/subject.hpp"
#include "conformance/tagged_store.hpp"
#include "store/redis/redis_store.hpp"

namespace tidemark::conformance {
namespace {

// Every so many tests the server has forgotten its functions.
constexpr int FUNCTIONS_FORGOTTEN_EVERY = 10;

RedisDeployment& deployment() { return RedisDeployment::get(); }

class RedisSubject final : public Subject {
 public:
  RedisSubject() {
    static int count = 0;
    deployment().leave_room(true);
    deployment().empty();
    if (++count % FUNCTIONS_FORGOTTEN_EVERY == 0) deployment().forget_functions();
  }
  ~RedisSubject() override { deployment().leave_room(true); }

  Result<std::unique_ptr<store::Store>> open(Clock& clock, const Conditions& conditions) override {
    deployment().leave_room(!conditions.space_is_low);
    auto options = store::parse_redis_url(deployment().url());
    if (!options) return options.error();
    options->clock = &clock;
    auto opened = store::RedisStore::open(*options);
    if (!opened) return opened;
    open_ = dynamic_cast<store::RedisStore*>(opened->get());
    if (deployment().is_cluster()) return std::unique_ptr<store::Store>{new TaggedStore{std::move(*opened), PARTITION}};
    return opened;
  }

  // Where the server promises to have everything on disk, it is killed, too.
  void crash(std::unique_ptr<store::Store> store) override {
    open_->abandon();
    store.reset();
    if (deployment().syncs_always()) deployment().restart();
  }

 private:
  store::RedisStore* open_ = nullptr;  // what open() gave last
};

}  // namespace

std::unique_ptr<Subject> make_subject() { return std::make_unique<RedisSubject>(); }

}  // namespace tidemark::conformance
