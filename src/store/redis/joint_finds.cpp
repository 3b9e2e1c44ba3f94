#include "store/redis/joint_finds.hpp"

#include <algorithm>
#include <vector>

#include "model/rules.hpp"
#include "store/redis/answer.hpp"
#include "store/redis/keys.hpp"
#include "store/redis/local.hpp"
#include "store/redis/replication.hpp"

namespace tidemark::store {
namespace {

// Of one call, whose answer holds the documents.
constexpr std::size_t DOCUMENTS_MAX = 64;

FunctionCall call_for(const Shared& shared, const model::Partition& partition, std::string_view collection,
                      const std::vector<std::string>& ids) {
  std::vector<std::string> keys{keys::documents(partition, collection)};
  for (const auto& id : ids) keys.push_back(keys::document(partition, collection, id));
  auto call = shared.function("find", keys, FunctionCall::Effect::reads);
  call << (shared.has_json ? "1" : "");
  for (const auto& id : ids) call << id;
  return call;
}

// The next two items.
Result<std::optional<model::Document>> read_document(Answer& items, std::string_view collection,
                                                     const std::string& id) {
  const auto stored = items.text();
  const auto json = items.text();
  if (!items.good()) return strange_answer("find");
  if (stored.empty()) return std::optional<model::Document>{};
  const auto version = model::Version::parse(stored.substr(0, stored.find(' ')));
  if (!version) return fail(ErrorCode::corrupt, "has a version that is none", model::document_name(collection, id));
  return std::optional{model::Document{.id = id, .json = std::string{json}, .version = *version}};
}

}  // namespace

JointFinds::JointFinds(Local& at) : at_{at}, tasks_{at.server.thread().loop()} {}

JointFinds::~JointFinds() = default;

Result<JointFinds::Found> JointFinds::find(const model::Partition& partition, std::string_view collection,
                                           std::string_view id) {
  const Place place{partition, collection};
  return line_of(place).ask(id, [&] { return find_alone(place, id); });
}

JointFinds::Line& JointFinds::line_of(const Place& place) {
  auto& line = lines_[place];
  if (!line) {
    line = std::make_unique<Line>(tasks_, "redis finds " + place.first.tag() + place.second,
                                  [this, place](Line::Queue& queue) { send(place, queue); });
  }
  return *line;
}

Result<JointFinds::Found> JointFinds::find_alone(const Place& place, std::string_view id) {
  const std::vector ids{std::string{id}};
  const auto answer = at_.server.run(call_for(at_.server.shared(), place.first, place.second, ids));
  if (!answer) return answer.error();
  Answer items{*answer, 1};
  auto document = read_document(items, place.second, ids.front());
  if (!document) return document.error();
  return Found{.value = *std::move(document), .seen = at_.replication->read(place.first)};
}

void JointFinds::send(const Place& place, Line::Queue& queue) {
  std::vector<std::string> ids;                                               // each once
  std::vector<std::pair<std::shared_ptr<Line::Waiting>, std::size_t>> taken;  // and the place of its id
  while (!queue.empty() && ids.size() < DOCUMENTS_MAX) {
    const auto at = std::ranges::find(ids, *queue.front()->request);
    taken.emplace_back(std::move(queue.front()), at - ids.begin());
    if (at == ids.end()) ids.emplace_back(*taken.back().first->request);
    queue.pop_front();
  }

  std::vector<std::optional<Result<Found>>> found(ids.size());  // none: to be asked alone
  try {
    const auto answer = at_.server.run(call_for(at_.server.shared(), place.first, place.second, ids));
    if (answer) {
      const auto seen = at_.replication->read(place.first);
      Answer items{*answer, 1};
      for (std::size_t i = 0; i < ids.size(); ++i) {
        auto document = read_document(items, place.second, ids[i]);
        found[i] =
            document ? Result{Found{.value = *std::move(document), .seen = seen}} : Result<Found>{document.error()};
      }
    } else if (answer.error().code != ErrorCode::invalid) {  // which one of them may have caused
      std::ranges::fill(found, Result<Found>{answer.error()});
    }
  } catch (const std::exception& error) {
    std::ranges::fill(found, Result<Found>{fail(ErrorCode::unavailable, error.what(), place.second)});
  }
  for (const auto& [waiting, at] : taken) waiting->answer(found[at]);
}

}  // namespace tidemark::store
