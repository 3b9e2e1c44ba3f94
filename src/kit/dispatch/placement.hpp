// Placement: where one handler's events stand, in each partition of its service.
//
// With one partition, on a store that is one server, a handler reads the topic's bare name. Else a forwarder
// (inbox_forwarder.hpp) brings each event, by the handler's key, into the inbox of its partition, and only that is
// read:
//
//                       one partition, one server   several partitions          a distributed store
//   read                t                           {service:n}t.g              {service:n}t.g
//   redriven events     t.g.redrive                 {service:n}t.g.redrive      {service:n}t.g.redrive
//   dead letters        t.g.dead                    t.g.dead                    {service:n}t.g.dead
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "kit/run/runtime.hpp"
#include "kit/service/spec.hpp"
#include "model/fields.hpp"
#include "model/partition.hpp"

namespace tidemark::kit {

// Cheap to make; refers to the handler's spec. Thread-safe.
class Placement {
 public:
  Placement(const store::Store& store, std::string service, std::uint16_t partitions, const detail::HandlerSpec& spec);
  Placement(const Runtime& runtime, const detail::HandlerSpec& spec)
      : Placement{runtime.store, runtime.service, runtime.partitions, spec} {}

  const std::string& source() const { return spec_->topic; }
  const std::string& group() const { return spec_->group; }
  std::uint16_t partitions() const { return partitions_; }
  model::Partition partition(std::uint16_t number) const { return {service_, number}; }
  bool has_inboxes() const { return partitions_ > 1 || distributed_; }

  std::string topic(std::uint16_t partition) const;
  std::string redrive_topic(std::uint16_t partition) const;
  std::string dead_topic(std::uint16_t partition) const;
  // Whether each partition has dead letters of its own; else they are all in one topic.
  bool divides_dead_letters() const { return distributed_; }

  // What orders the event at this handler: events of one key take effect one after the other.
  std::string key_of(const model::Fields& event) const;
  // Where the event takes effect, but for handlers whose events do so in every partition.
  std::uint16_t partition_of(const model::Fields& event) const;
  bool in_every_partition() const { return spec_->every_partition; }

 private:
  std::string own(std::uint16_t partition, std::string name) const;
  std::string name(std::string_view suffix) const;

  const detail::HandlerSpec* spec_;
  std::string service_;
  std::uint16_t partitions_;
  bool distributed_;
};

}  // namespace tidemark::kit
