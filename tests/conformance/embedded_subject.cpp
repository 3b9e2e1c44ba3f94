// The embedded store as a subject of the conformance suite.
#include "conformance/subject.hpp"
#include "storage/test_directory.hpp"
#include "store/embedded/embedded_store.hpp"

namespace tidemark::conformance {
namespace {

class EmbeddedSubject final : public Subject {
 public:
  Result<std::unique_ptr<store::Store>> open(Clock& clock, const Conditions& conditions) override {
    return store::EmbeddedStore::open({.path = directory_->path(),
                                       .durability = {.mode = storage::Durability::Mode::always},
                                       .disk_reserve_bytes = conditions.space_is_low ? UINT64_MAX : 0,
                                       .clock = &clock});
  }

  // What stands in the files at this moment is what a killed process leaves: the operating system keeps it.
  void crash(std::unique_ptr<store::Store> store) override {
    auto left = std::make_unique<storage::TestDirectory>();
    left->become_copy_of(*directory_);
    store.reset();
    directory_ = std::move(left);
  }

 private:
  std::unique_ptr<storage::TestDirectory> directory_ = std::make_unique<storage::TestDirectory>();
};

}  // namespace

std::unique_ptr<Subject> make_subject() { return std::make_unique<EmbeddedSubject>(); }

}  // namespace tidemark::conformance
