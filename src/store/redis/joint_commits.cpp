#include "store/redis/joint_commits.hpp"

#include <set>
#include <string_view>
#include <utility>

#include "store/redis/committing.hpp"
#include "store/redis/local.hpp"

namespace tidemark::store {
namespace {

// What one call may hold, so that it does not keep the server from others for long.
constexpr std::size_t COMMITS_MAX = 128;
constexpr std::size_t EFFECTS_MAX = 1024;
constexpr std::size_t BYTES_MAX = 1 << 20;

// Of a call that the server understood and did not apply.
bool is_refused(ErrorCode code) {
  switch (code) {
    case ErrorCode::conflict:
    case ErrorCode::fenced:
    case ErrorCode::already_exists:
    case ErrorCode::not_found:
    case ErrorCode::invalid:
    case ErrorCode::too_large:
    case ErrorCode::unauthorized:
    case ErrorCode::corrupt:
    case ErrorCode::overloaded:
    case ErrorCode::disk_full: return true;
    default: return false;
  }
}

template <class T>
void append(std::vector<T>& to, const std::vector<T>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

std::size_t bytes_of(const model::Commit& commit) {
  std::size_t bytes = 0;
  for (const auto& change : commit.documents) bytes += change.json ? change.json->size() : 0;
  for (const auto& publication : commit.publications) bytes += publication.fields.bytes().size();
  for (const auto& key : commit.keys) bytes += key.value ? key.value->size() : 0;
  return bytes;
}

std::size_t effects_of(const model::Commit& commit) {
  return commit.settlements.size() + commit.expected_documents.size() + commit.documents.size() +
         commit.publications.size() + commit.keys.size();
}

}  // namespace

// What the commits look at and change.
struct JointCommit::Touched {
  using Document = std::pair<std::string_view, std::string_view>;  // collection, id

  std::map<Document, std::optional<model::Version>> expected;
  std::set<Document> changed;
  std::set<std::string_view> keys;
  std::set<std::tuple<std::string_view, std::string_view, StreamId>> settled;

  void add(const model::Commit& commit) {
    for (const auto& document : commit.expected_documents)
      expected.try_emplace({document.collection, document.id}, document.version);
    for (const auto& document : commit.documents) changed.emplace(document.collection, document.id);
    for (const auto& key : commit.keys) keys.insert(key.key);
    for (const auto& settlement : commit.settlements)
      settled.emplace(settlement.topic, settlement.group, settlement.id);
  }
};

JointCommit::JointCommit() : touched_{std::make_unique<Touched>()} {}

JointCommit::~JointCommit() = default;

// What is compared with the order of other things (a query, a stream's ids, a timer's name) is its commit's alone.
bool JointCommit::is_possible(const model::Commit& commit) {
  if (!commit.expected_queries.empty() || !commit.timers.empty() || !commit.erasures.empty()) return false;
  if (effects_of(commit) == 0 || effects_of(commit) > EFFECTS_MAX || bytes_of(commit) > BYTES_MAX) return false;
  for (const auto& publication : commit.publications) {
    if (publication.id) return false;
  }
  return true;
}

bool JointCommit::is_apart(const model::Commit& commit) const {
  for (const auto& document : commit.expected_documents) {
    const Touched::Document name{document.collection, document.id};
    if (touched_->changed.contains(name)) return false;
    const auto found = touched_->expected.find(name);
    if (found != touched_->expected.end() && found->second != document.version) return false;
  }
  for (const auto& document : commit.documents) {
    const Touched::Document name{document.collection, document.id};
    if (touched_->changed.contains(name) || touched_->expected.contains(name)) return false;
  }
  for (const auto& key : commit.keys) {
    if (touched_->keys.contains(key.key)) return false;
  }
  for (const auto& settlement : commit.settlements) {
    if (touched_->settled.contains({settlement.topic, settlement.group, settlement.id})) return false;
  }
  return true;
}

bool JointCommit::has_room_for(const model::Commit& commit) const {
  return count() < COMMITS_MAX && effects_of(whole_) + effects_of(commit) <= EFFECTS_MAX &&
         bytes_ + bytes_of(commit) <= BYTES_MAX;
}

JointCommit::Added JointCommit::add(const model::Commit& commit) {
  if (count() > 0 && !has_room_for(commit)) return Added::full;
  if (count() > 0 && !is_apart(commit)) return Added::clashes;
  touched_->add(commit);
  whole_.partition = commit.partition;
  whole_.refusable = commit.refusable;
  append(whole_.settlements, commit.settlements);
  append(whole_.expected_documents, commit.expected_documents);
  append(whole_.documents, commit.documents);
  append(whole_.publications, commit.publications);
  append(whole_.keys, commit.keys);
  bytes_ += bytes_of(commit);
  publications_.push_back(commit.publications.size());
  return Added::yes;
}

std::vector<model::Committed> JointCommit::divide(model::Committed whole) const {
  std::vector<model::Committed> parts;
  auto first = whole.published.begin();
  for (const auto count : publications_) {
    const auto last = first + static_cast<std::ptrdiff_t>(count);
    parts.push_back({.lsn = whole.lsn, .published = {first, last}});
    first = last;
  }
  return parts;
}

JointCommits::JointCommits(Local& at) : at_{at}, tasks_{at.server.thread().loop()} {}

JointCommits::~JointCommits() = default;

Result<model::Committed> JointCommits::commit(const model::Commit& commit) {
  if (!JointCommit::is_possible(commit)) return Committing{at_, commit}.run();
  TIDEMARK_TRY(check_sizes(commit));
  auto committed = line_of(commit).ask(commit, [&] { return Committing{at_, commit}.apply(); });
  if (committed) Committing{at_, commit}.forward(*committed);
  return committed;
}

JointCommits::Line& JointCommits::line_of(const model::Commit& commit) {
  auto& line = lines_[{commit.partition, commit.refusable, !commit.settlements.empty()}];
  if (!line) {
    line = std::make_unique<Line>(tasks_, "redis commits " + commit.partition.tag(),
                                  [this](Line::Queue& queue) { send(queue); });
  }
  return *line;
}

void JointCommits::send(Line::Queue& queue) {
  JointCommit joint;
  Line::Queue taken, left;
  for (auto& waiting : queue) {
    switch (joint.add(*waiting->request)) {
      case JointCommit::Added::yes: taken.push_back(std::move(waiting)); break;
      case JointCommit::Added::full: left.push_back(std::move(waiting)); break;
      // Most likely it will lose against one of these. It goes out behind them, by itself, and learns that at once.
      case JointCommit::Added::clashes: waiting->answer(std::nullopt); break;
    }
  }
  queue = std::move(left);

  std::optional<Result<model::Committed>> committed;
  try {
    committed = Committing{at_, joint.whole(), joint.count()}.apply();
  } catch (const std::exception& error) {
    committed = fail(ErrorCode::unavailable,
                     std::string{"whether the commit was applied is not known: "} + error.what(), "commit");
  }
  if (!*committed) {
    const auto& failure = committed->error();
    const bool by_itself = joint.count() > 1 && is_refused(failure.code);
    for (const auto& waiting : taken)
      waiting->answer(by_itself ? std::nullopt : std::optional{Result<model::Committed>{failure}});
    return;
  }
  auto parts = joint.divide(**std::move(committed));
  for (std::size_t i = 0; i < taken.size(); ++i) taken[i]->answer(Result<model::Committed>{std::move(parts[i])});
}

}  // namespace tidemark::store
