#include "kit/admin/group_place.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace tidemark::kit {
namespace {

constexpr std::string_view DEAD = ".dead", REDRIVE = ".redrive";

// "{roles:2}user_created.user-role": whose it is, and the rest.
struct OwnName {
  std::string_view service;
  std::uint16_t partition = 0;
  std::string_view rest;
};
std::optional<OwnName> own_name(std::string_view topic) {
  const auto colon = topic.find(':'), brace = topic.find('}');
  if (!topic.starts_with('{') || colon == topic.npos || brace == topic.npos || brace < colon) return std::nullopt;
  OwnName name{.service = topic.substr(1, colon - 1), .rest = topic.substr(brace + 1)};
  const auto* const end = topic.data() + brace;
  const auto [at, error] = std::from_chars(topic.data() + colon + 1, end, name.partition);
  if (error != std::errc{} || at != end) return std::nullopt;
  return name;
}

// What a foreign service is called, and how many partitions it has, as far as its own topics show.
struct Shape {
  std::string service;
  std::uint16_t partitions = 1;
};
Shape shape_of(const GroupName& name, const std::vector<model::TopicInfo>& topics) {
  const auto own = name.topic + "." + name.group;
  Shape shape;
  for (const auto& topic : topics) {
    const auto split = own_name(topic.name);
    if (!split || !split->rest.starts_with(own)) continue;
    const auto suffix = split->rest.substr(own.size());
    if (!suffix.empty() && suffix != DEAD && suffix != REDRIVE) continue;
    shape.service = split->service;
    shape.partitions = std::max(shape.partitions, static_cast<std::uint16_t>(split->partition + 1));
  }
  return shape;
}

std::shared_ptr<detail::HandlerSpec> foreign_spec(const GroupName& name) {
  auto spec = std::make_shared<detail::HandlerSpec>();
  spec->topic = name.topic;
  spec->group = name.group;
  spec->key_member = "ce_subject";  // of no consequence where there is one partition
  return spec;
}

std::string_view without_owner(std::string_view topic) {
  const auto own = own_name(topic);
  return own ? own->rest : topic;
}

bool is_topic(const std::vector<model::TopicInfo>& topics, std::string_view name) {
  return std::ranges::find(topics, name, &model::TopicInfo::name) != topics.end();
}

// Which group "<topic>.<group>" is. Both may have dots in their names: what is there decides, else the last dot.
std::optional<GroupName> split_name(AdminContext& context, std::string_view name,
                                    const std::vector<model::TopicInfo>& topics) {
  for (const auto& handler : context.handlers())
    if (handler.spec.topic + "." + handler.spec.group == name) return GroupName{handler.spec.topic, handler.spec.group};
  std::optional<GroupName> likely;
  for (auto dot = name.find('.'); dot != name.npos; dot = name.find('.', dot + 1)) {
    GroupName split{std::string{name.substr(0, dot)}, std::string{name.substr(dot + 1)}};
    if (split.topic.empty() || split.group.empty()) continue;
    if (is_topic(topics, split.topic)) {
      const auto groups = context.store.groups(split.topic);
      if (groups && std::ranges::find(*groups, split.group, &model::GroupInfo::name) != groups->end()) return split;
    }
    likely = std::move(split);
  }
  return likely;
}

}  // namespace

GroupPlace::GroupPlace(AdminContext& context, GroupName name, const std::vector<model::TopicInfo>& topics)
    : context_{&context},
      name_{std::move(name)},
      handler_{context.find_handler(name_.topic, name_.group)},
      foreign_{handler_ ? nullptr : foreign_spec(name_)},
      service_{handler_ ? handler_->service.spec.name : shape_of(name_, topics).service},
      placement_{handler_ ? handler_->placement()
                          : Placement{context.store, service_, shape_of(name_, topics).partitions, *foreign_}} {}

GroupPlace GroupPlace::find(AdminContext& context, GroupName name) {
  if (context.find_handler(name.topic, name.group)) return {context, std::move(name), {}};
  const auto topics = context.store.topics().or_raise();
  GroupPlace place{context, std::move(name), topics};
  const auto groups = context.store.groups(place.name_.topic);
  if (groups && std::ranges::find(*groups, place.name_.group, &model::GroupInfo::name) != groups->end()) return place;
  if (is_topic(topics, place.placement_.dead_topic(0))) return place;
  throw NotFound{"there is no group '" + place.name_.group + "' of the topic '" + place.name_.topic + "'"};
}

std::size_t GroupPlace::handler_number() const {
  std::size_t number = 0;
  for (const auto& spec : handler_->service.spec.handlers) {
    if (&spec == &handler_->spec) break;
    ++number;
  }
  return number;
}

std::vector<std::string> GroupPlace::topics() const {
  std::vector<std::string> topics{name_.topic};
  const auto partitions = placement_.has_inboxes() ? placement_.partitions() : 1;
  for (std::uint16_t partition = 0; partition < partitions; ++partition) {
    if (placement_.has_inboxes()) topics.push_back(placement_.topic(partition));
    topics.push_back(placement_.redrive_topic(partition));
  }
  return topics;
}

GroupCursor GroupPlace::cursor() const {
  return {context_->store, context_->clock, name_.topic, name_.group, placement_};
}

void GroupPlace::check_redrivable() const {
  if (handler_ || !placement_.has_inboxes()) return;
  throw Conflict{"the events of '" + name_.topic + "' are divided by a key that only the processes of the service '" +
                 service_ + "' know: ask one of them"};
}

std::vector<model::GroupInfo> all_groups(store::Store& store, const std::vector<model::TopicInfo>& topics) {
  std::set<std::string> redriven;
  std::vector<model::GroupInfo> all;
  for (const auto& topic : topics) {
    if (topic.groups == 0 || own_name(topic.name)) continue;
    auto groups = store.groups(topic.name);
    if (!groups && groups.error().code == ErrorCode::not_found) continue;  // removed meanwhile
    for (auto& group : std::move(groups).or_raise()) {
      redriven.insert(topic.name + "." + group.name + std::string{REDRIVE});
      all.push_back(std::move(group));
    }
  }
  std::erase_if(all, [&](const auto& group) { return redriven.contains(group.topic); });
  return all;
}

std::vector<GroupName> groups_with_dead_letters(AdminContext& context, const std::vector<model::TopicInfo>& topics) {
  std::set<GroupName> names;
  for (const auto& topic : topics) {
    const auto name = without_owner(topic.name);
    if (topic.length == 0 || !name.ends_with(DEAD)) continue;
    auto split = split_name(context, name.substr(0, name.size() - DEAD.size()), topics);
    if (split) names.insert(std::move(*split));
  }
  return {names.begin(), names.end()};
}

}  // namespace tidemark::kit
