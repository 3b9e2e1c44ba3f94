#include "kit/dispatch/placement.hpp"

#include "kit/service/envelope.hpp"

namespace tidemark::kit {

Placement::Placement(const store::Store& store, std::string service, std::uint16_t partitions,
                     const detail::HandlerSpec& spec)
    : spec_{&spec}, service_{std::move(service)}, partitions_{partitions}, distributed_{store.is_distributed()} {}

std::string Placement::name(std::string_view suffix) const {
  return std::string{spec_->topic}.append(".").append(spec_->group).append(suffix);
}

std::string Placement::own(std::uint16_t partition, std::string name) const {
  return model::own_topic({service_, partition}, name);
}

std::string Placement::topic(std::uint16_t partition) const {
  return has_inboxes() ? own(partition, name("")) : spec_->topic;
}

std::string Placement::redrive_topic(std::uint16_t partition) const {
  return has_inboxes() ? own(partition, name(".redrive")) : name(".redrive");
}

std::string Placement::dead_topic(std::uint16_t partition) const {
  return distributed_ ? own(partition, name(".dead")) : name(".dead");
}

std::string Placement::key_of(const model::Fields& event) const {
  if (!spec_->key_member.empty()) return std::string{event.find(spec_->key_member).value_or("")};
  if (const auto subject = event.find("ce_subject")) return std::string{*subject};
  return std::string{event.find(default_key_member(*spec_->event)).value_or("")};
}

std::uint16_t Placement::partition_of(const model::Fields& event) const {
  return model::partition_of(key_of(event), partitions_);
}

}  // namespace tidemark::kit
