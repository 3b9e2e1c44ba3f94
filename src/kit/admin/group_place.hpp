// GroupPlace: where a group stands, and whose it is: a handler's of this process, another process's or another
// client's.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kit/admin/context.hpp"
#include "kit/dispatch/dead_letters.hpp"
#include "kit/dispatch/placement.hpp"
#include "kit/groups/group_cursor.hpp"
#include "model/topic.hpp"

namespace tidemark::kit {

struct GroupName {
  std::string topic, group;
  friend auto operator<=>(const GroupName&, const GroupName&) = default;
};

// Refers to the context.
class GroupPlace {
 public:
  // `topics` are those of the store: what a foreign service has made of the group shows in their names.
  GroupPlace(AdminContext& context, GroupName name, const std::vector<model::TopicInfo>& topics);
  // Asks the store for them where that matters. Throws NotFound where there is neither such a group nor a dead letter
  // of it.
  static GroupPlace find(AdminContext& context, GroupName name);

  const GroupName& name() const { return name_; }
  // None where it is no handler's of this process.
  const std::optional<AdminHandler>& handler() const { return handler_; }
  // Which one of its service's declarations the handler is.
  std::size_t handler_number() const;
  const Placement& placement() const { return placement_; }
  // Empty where it shows nowhere.
  const std::string& service() const { return service_; }

  // Where it reads: its topic, its inboxes, its redriven events.
  std::vector<std::string> topics() const;
  DeadLetters dead_letters() const { return {context_->store, placement_}; }
  GroupCursor cursor() const;
  // Throws Conflict where nobody here knows by what key the events of a foreign service are divided.
  void check_redrivable() const;

 private:
  AdminContext* context_;
  GroupName name_;
  std::optional<AdminHandler> handler_;
  std::shared_ptr<detail::HandlerSpec> foreign_;  // what placement_ refers to where there is no handler
  std::string service_;
  Placement placement_;
};

// The groups of all topics, but for those that only the toolkit reads: inboxes and redriven events.
std::vector<model::GroupInfo> all_groups(store::Store& store, const std::vector<model::TopicInfo>& topics);
// Those that have dead letters, whoever reads as them.
std::vector<GroupName> groups_with_dead_letters(AdminContext& context, const std::vector<model::TopicInfo>& topics);

}  // namespace tidemark::kit
