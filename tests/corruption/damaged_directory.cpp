#include "corruption/damaged_directory.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/random.hpp"
#include "engine/engine.hpp"
#include "engine/inspection.hpp"
#include "storage/file_inspection.hpp"

namespace tidemark::corruption {
namespace {

namespace fs = std::filesystem;

constexpr int HANG_SECONDS = 60;
const std::string TOPIC = "orders", COLLECTION = "shop.orders";

engine::EngineOptions options(const std::string& path) {
  engine::EngineOptions options;
  options.storage.path = path;
  options.storage.write_buffer_bytes = 64 << 10;
  options.disk_reserve_bytes = 0;
  return options;
}

// Can't be compressed, so that there are several sorted files.
std::string noise(std::uint64_t seed) {
  Random random{seed};
  std::string bytes(300, '\0');
  for (auto& byte : bytes) byte = static_cast<char>(random.next());
  return bytes;
}

// Commit `number`: an event, a document, an index entry and a timer.
model::Commit commit_of(std::uint64_t number) {
  const auto text = std::to_string(number);
  model::Commit commit{.partition = {"shop", 0}};
  model::Fields fields;
  fields.add("number", text);
  fields.add("filling", noise(number));
  commit.publications.push_back({TOPIC, fields, {}});
  commit.documents.push_back({COLLECTION, text, R"({"id":")" + text + R"(","status":"open"})", {1, number}});
  commit.timers.push_back({text, TimePoint{std::chrono::hours{24 * 365 * 100}}, TOPIC, fields});
  return commit;
}

// The process of one trial, which reports through a pipe: a verdict may be its last word.
class Trial {
 public:
  Trial(std::string path, const Mutation& mutation) : path_{std::move(path)}, mutation_{mutation} {}

  // Whether an inspection at rest names the file.
  bool found_by_check() const {
    const auto inspection = storage::inspect_files(path_);
    if (!inspection) return false;
    // What is missing has no name any more, but for who names it.
    if (mutation_.kind == Mutation::Kind::remove) return !inspection->findings.empty();
    return std::ranges::any_of(inspection->findings, [this](const auto& finding) { return names_file(finding.file); });
  }

  Verdict run() const {
    auto engine = engine::Engine::open(options(path_));
    if (!engine) return refused(engine.error());
    Verdict verdict = read_all(**engine);
    // A read that failed is in the process's health.
    if (verdict.outcome == Outcome::detected && (*engine)->storage().intact()) {
      verdict.outcome = Outcome::wrong;
      verdict.message = "health says nothing of: " + verdict.message;
    }
    return verdict;
  }

  // The last words of a process that ended itself.
  Verdict stopped(const std::string& words) const {
    return {names_file(words) && is_helpful(words) ? Outcome::stopped : Outcome::wrong, 0, false, words};
  }

 private:
  bool names_file(const std::string& text) const { return text.find(mutation_.file) != std::string::npos; }

  static bool is_helpful(const std::string& text) {
    return text.find("tidemark check") != text.npos && text.find("tidemark restore") != text.npos;
  }

  Verdict refused(const Failure& failure) const {
    const auto text = failure.text();
    // Which log was removed can't be known; that one is missing can.
    const bool named = names_file(text) || mutation_.kind == Mutation::Kind::remove;
    const bool right = failure.code == ErrorCode::corrupt && is_helpful(text) && named;
    return {right ? Outcome::refused : Outcome::wrong, 0, false, text};
  }

  Verdict detected(const Failure& failure) const {
    const bool right = failure.code == ErrorCode::corrupt && names_file(failure.text());
    return {right ? Outcome::detected : Outcome::wrong, 0, false, failure.text()};
  }

  Verdict read_all(engine::Engine& engine) const {
    const auto entries = engine.read(TOPIC, {.count = 1'000'000});
    if (!entries && entries.error().code == ErrorCode::not_found) return {Outcome::prefix, 0, false, "no topic"};
    if (!entries) return detected(entries.error());
    std::uint64_t count = 0;
    for (const auto& entry : *entries)
      if (entry.fields.find("number") != std::to_string(++count)) return {Outcome::wrong, count, false, "a gap"};
    for (std::uint64_t number = 1; number <= Original::COMMITS; ++number) {
      const auto text = std::to_string(number);
      const auto found = engine.find({"shop", 0}, COLLECTION, text);
      if (!found) return detected(found.error());
      const bool there = found->value.has_value();
      if (there != (number <= count)) return {Outcome::wrong, count, false, "half of commit " + text};
      if (there && found->value->version != model::Version{1, number}) return {Outcome::wrong, count, false, text};
    }
    if (count < Original::COMMITS) return {Outcome::prefix, count, false, {}};
    const auto inspection = engine::inspect(engine.storage());
    if (inspection.wrong == 0) return {Outcome::whole, count, false, {}};
    const auto& first = inspection.findings.front();
    return detected(
        fail(engine.storage().intact() ? ErrorCode::internal : ErrorCode::corrupt, first.about + ": " + first.wrong));
  }

  const std::string path_;
  const Mutation& mutation_;
};

std::string packed(const Verdict& verdict) {
  return std::to_string(static_cast<int>(verdict.outcome)) + " " + std::to_string(verdict.commits) + " " +
         verdict.message;
}

// Of what a trial has reported: whether a check finds it, then a verdict or its last words.
Verdict unpacked(const std::string& report, const Trial& trial) {
  const bool found = report.starts_with('1');
  const auto text = report.substr(std::min<std::size_t>(report.size(), 1));
  int outcome = 0, length = 0;
  unsigned long long commits = 0;
  Verdict verdict = trial.stopped(text);
  if (std::sscanf(text.c_str(), "%d %llu %n", &outcome, &commits, &length) == 2)
    verdict = {static_cast<Outcome>(outcome), commits, found, text.substr(static_cast<std::size_t>(length))};
  verdict.found_by_check = found;
  return verdict;
}

std::string end_of(int status) {
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) return "it hung";
  if (WIFSIGNALED(status)) return "it ended by signal " + std::to_string(WTERMSIG(status));
  return "it ended with " + std::to_string(WEXITSTATUS(status));
}

// What the process says, to the stream that it is given or as an error; it ends by SIGKILL.
template <class Work>
std::string in_a_process(const Work& work) {
  int pipe[2];
  TIDEMARK_ASSERT(::pipe(pipe) == 0, "no pipe");
  const pid_t child = ::fork();
  TIDEMARK_ASSERT(child >= 0, "no process");
  if (child == 0) {
    ::close(pipe[0]);
    ::alarm(HANG_SECONDS);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::dup2(pipe[1], STDERR_FILENO);
    work([&](const std::string& text) { static_cast<void>(!::write(pipe[1], text.data(), text.size())); });
    ::kill(::getpid(), SIGKILL);
  }
  ::close(pipe[1]);
  std::string report;
  char buffer[4096];
  for (ssize_t count = 0; (count = ::read(pipe[0], buffer, sizeof buffer)) > 0;)
    report.append(buffer, static_cast<std::size_t>(count));
  ::close(pipe[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  return killed ? report : report + " " + end_of(status);
}

void apply(const Mutation& mutation, const std::string& directory) {
  const std::string path = directory + "/" + mutation.file;
  if (mutation.kind == Mutation::Kind::remove) {
    fs::remove(path);
  } else if (mutation.kind == Mutation::Kind::cut) {
    fs::resize_file(path, mutation.offset);
  } else {
    std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
    file.seekg(static_cast<std::streamoff>(mutation.offset));
    const int byte = file.get();
    file.seekp(static_cast<std::streamoff>(mutation.offset));
    file.put(static_cast<char>(byte ^ (1 << mutation.bit)));
  }
}

}  // namespace

std::string Mutation::text() const {
  switch (kind) {
    case Kind::flip: return "flip bit " + std::to_string(bit) + " of byte " + std::to_string(offset) + " of " + file;
    case Kind::cut: return "cut " + file + " at byte " + std::to_string(offset);
    case Kind::remove: return "remove " + file;
  }
  return {};
}

Original::Original() {
  const auto report = in_a_process([this](const auto& say) {
    build();
    say("built");
  });
  TIDEMARK_ASSERT(report == "built", report);
}

void Original::build() const {
  auto engine = engine::Engine::open(options(directory_.path())).or_raise();
  fs::copy_file(directory_.path() + "/tidemark.state", keep_.path() + "/state-at-start");
  engine->declare_group(TOPIC, "stock", {}).or_raise();
  engine->declare_collection({COLLECTION, {{"status", "status", false}}}).or_raise();
  // A sorted file for each write buffer; they come in the background.
  const auto sorted_files = [&] {
    const auto names = files();
    return std::ranges::count_if(names, [](const auto& name) { return name.ends_with(".sst"); });
  };
  for (std::uint64_t number = 1; number <= COMMITS; ++number) {
    if (number % 50 == 0) engine->deliver({TOPIC, "stock", "one"}, 10, 1 << 20).or_raise();
    const auto committed = engine->commit(commit_of(number)).or_raise();
    // Of the last ones, each is durable before the next is made.
    if (number + 100 >= COMMITS) engine->storage().wait_durable(committed.lsn);
    for (int i = 0; number == COMMITS / 2 && sorted_files() < 2 && i < 3000; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  engine->storage().wait_durable(engine->sequenced());
  engine.release();  // a kill runs no destructors  // NOLINT(bugprone-unused-return-value)
}

std::vector<std::string> Original::files() const {
  std::vector<std::string> names;
  for (const auto& file : fs::directory_iterator{directory_.path()}) names.push_back(file.path().filename());
  std::ranges::sort(names);
  return names;
}

std::uint64_t Original::size_of(const std::string& file) const { return fs::file_size(directory_.path() + "/" + file); }

std::string Original::the_log() const {
  std::string last;
  for (const auto& name : files())
    if (name.ends_with(".log") && size_of(name) > 0) last = name;
  return last;
}

void Original::forget_tidemark() {
  fs::copy_file(keep_.path() + "/state-at-start", directory_.path() + "/tidemark.state",
                fs::copy_options::overwrite_existing);
}

Verdict Original::damage(const Mutation& mutation) const {
  const storage::TestDirectory copy;
  for (const auto& name : files()) fs::copy_file(directory_.path() + "/" + name, copy.path() + "/" + name);
  apply(mutation, copy.path());
  const Trial trial{copy.path(), mutation};
  return unpacked(in_a_process([&](const auto& say) {
                    say(trial.found_by_check() ? "1" : "0");
                    say(packed(trial.run()));
                  }),
                  trial);
}

}  // namespace tidemark::corruption
