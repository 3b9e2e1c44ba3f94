// A child process commits until it is killed with SIGKILL; what it had reported as durable must be there afterwards,
// and what is there must be a prefix of whole commits.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "base/random.hpp"
#include "storage/storage.hpp"
#include "storage/test_directory.hpp"

namespace tidemark::storage {
namespace {

constexpr const char* DIRECTORY_VARIABLE = "TIDEMARK_STORAGE_CHILD_DIRECTORY";
constexpr const char* DURABILITY_VARIABLE = "TIDEMARK_STORAGE_CHILD_DURABILITY";
constexpr int REPORT_DESCRIPTOR = 9;  // where the child writes the number of each durable commit

std::string key_of(const char* prefix, std::uint64_t number) {
  std::string digits = std::to_string(number);
  return prefix + std::string(10 - digits.size(), '0') + digits;
}

// Commit number n puts n under "left<n>" and "right<n>", and its number under "last".
void commit_numbered(Storage& storage, std::uint64_t number) {
  Batch batch;
  const std::string value = std::to_string(number) + std::string(number % 512, '.');
  batch.put(key_of("left", number), value);
  batch.put(key_of("right", number), value);
  batch.put("last", std::to_string(number));
  const Lsn lsn = storage.commit(batch);
  if (number % 3 == 0) {
    storage.wait_durable(lsn);
    if (::write(REPORT_DESCRIPTOR, &number, sizeof number) != sizeof number) std::abort();
  }
}

// Not a test of its own: the program that the parent starts.
TEST(Child, DISABLED_CommitsUntilItIsKilled) {
  const char* directory = std::getenv(DIRECTORY_VARIABLE);
  ASSERT_NE(directory, nullptr);
  const auto durability = Durability::parse(std::getenv(DURABILITY_VARIABLE)).value();
  const auto storage =
      Storage::open({.path = directory, .durability = durability, .write_buffer_bytes = 64 << 10}).or_raise();
  std::string last;
  std::uint64_t number = storage->get("last", last).value() ? std::stoull(last) : 0;
  for (;;) commit_numbered(*storage, ++number);
}

class Child {
 public:
  Child(const std::string& directory, const std::string& durability) {
    int ends[2];
    TIDEMARK_ASSERT(::pipe2(ends, O_CLOEXEC) == 0);
    ::setenv(DIRECTORY_VARIABLE, directory.c_str(), 1);
    ::setenv(DURABILITY_VARIABLE, durability.c_str(), 1);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(ends[1], REPORT_DESCRIPTOR);
      ::execl("/proc/self/exe", "storage_test", "--gtest_also_run_disabled_tests",
              "--gtest_filter=Child.DISABLED_CommitsUntilItIsKilled", nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    reports_ = ends[0];
  }
  ~Child() { ::close(reports_); }

  // The next commit that the child found durable; 0 when it has ended.
  std::uint64_t next_report() const {
    std::uint64_t number = 0;
    return ::read(reports_, &number, sizeof number) == sizeof number ? number : 0;
  }
  void kill_hard() const {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  int reports_ = -1;
};

// Opens what the child left. Returns the number of the last commit that is there.
std::uint64_t check_prefix_of_whole_commits(const std::string& directory) {
  const auto storage = Storage::open({.path = directory}).or_raise();
  EXPECT_FALSE(storage->was_clean());
  std::string last_text;
  EXPECT_TRUE(storage->get("last", last_text).value());
  const std::uint64_t last = std::stoull(last_text);
  std::string left, right;
  for (std::uint64_t number = 1; number <= last; ++number) {
    EXPECT_TRUE(storage->get(key_of("left", number), left).value()) << number << " of " << last;
    EXPECT_TRUE(storage->get(key_of("right", number), right).value()) << number << " of " << last;
    EXPECT_EQ(left, std::to_string(number) + std::string(number % 512, '.'));
    EXPECT_EQ(left, right);
  }
  EXPECT_FALSE(storage->get(key_of("left", last + 1), left).value()) << "half of a commit";
  EXPECT_FALSE(storage->get(key_of("right", last + 1), right).value()) << "half of a commit";
  return last;
}

class Crash : public testing::TestWithParam<const char*> {};

TEST_P(Crash, KeepsWhatWasDurableAndAPrefixOfTheRest) {
  const std::uint64_t seed = thread_random().next();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random{seed};
  const TestDirectory directory;
  for (int round = 0; round < 4; ++round) {
    const Child child{directory.path(), GetParam()};
    std::uint64_t durable = 0;
    for (std::uint64_t reports = 1 + random.below(150); reports > 0; --reports) {
      const std::uint64_t report = child.next_report();
      ASSERT_NE(report, 0u) << "the child ended by itself";
      durable = report;
    }
    child.kill_hard();
    while (const std::uint64_t report = child.next_report()) durable = report;
    EXPECT_GE(check_prefix_of_whole_commits(directory.path()), durable);
  }
}

INSTANTIATE_TEST_SUITE_P(EveryDurability, Crash, testing::Values("always", "interval=5", "never"));

TEST(SecondProcess, IsToldWhichProcessHoldsTheDirectory) {
  const TestDirectory directory;
  const Child child{directory.path(), "always"};
  ASSERT_NE(child.next_report(), 0u);
  const auto opened = Storage::open({.path = directory.path()});
  child.kill_hard();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::in_use);
  EXPECT_NE(opened.error().message.find("process " + std::to_string(child.pid()) + " "), std::string::npos)
      << opened.error().message;
  EXPECT_TRUE(Storage::open({.path = directory.path()})) << "kill -9 frees it";
}

}  // namespace
}  // namespace tidemark::storage
