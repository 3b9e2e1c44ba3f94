// JointFinds: documents of a collection that are asked for at the same time are read by one call.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "fiber/task_group.hpp"
#include "model/document.hpp"
#include "model/partition.hpp"
#include "store/redis/joining.hpp"

namespace tidemark::store {

struct Local;

class JointFinds {
 public:
  using Found = model::Read<std::optional<model::Document>>;

  // All calls on the thread of `at`, which must outlive it.
  explicit JointFinds(Local& at);
  // On a fiber, unless the thread has ended.
  ~JointFinds();
  JointFinds(const JointFinds&) = delete;
  JointFinds& operator=(const JointFinds&) = delete;

  // On a fiber: as Store::find, of a collection that is declared.
  Result<Found> find(const model::Partition& partition, std::string_view collection, std::string_view id);

 private:
  using Line = Joining<std::string_view, Found>;
  using Place = std::pair<model::Partition, std::string>;  // and collection

  Line& line_of(const Place& place);
  Result<Found> find_alone(const Place& place, std::string_view id);
  void send(const Place& place, Line::Queue& queue);

  Local& at_;
  fiber::TaskGroup tasks_;
  std::map<Place, std::unique_ptr<Line>> lines_;
};

}  // namespace tidemark::store
