// AsyncAPI: the document (3.0) that describes the topics that services publish to and handle, from the types of their
// events.
//
//   EventsDescription events{.title = "inventory", .version = "1"};
//   events.servers.push_back({.name = "store", .host = "127.0.0.1:6379", .protocol = "redis"});
//   auto& topic = events.channel("stock_taken");
//   topic.messages.push_back({.event = &type_of<StockTaken>(), .key = "order_id"});
//   events.operations.push_back({.id = "inventory.send.stock_taken", .channel = "stock_taken", .service =
//   "inventory"}); const std::string document = asyncapi_document(events);
//
// What AsyncAPI has no word for (a group, a key, retries) stands in extensions, x-tidemark: the specification's binding
// for Redis has no members yet.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tidemark/time.hpp"
#include "tidemark/type_info.hpp"

namespace tidemark::http {

struct EventServerDescription {
  std::string name;
  std::string host;  // with its port
  std::string protocol;
  std::string description = {};
};

struct MessageDescription {
  const TypeInfo* event = nullptr;
  std::string key = {};  // the member that orders the events; empty: not said here
};

struct ChannelDescription {
  std::string address;  // a topic's name, or a path
  std::string description = {};
  std::vector<MessageDescription> messages = {};
  std::vector<std::string> servers = {};  // names; none: all of them
  bool has_attributes = true;             // the ce_ attributes beside the members
  // What the topic may drop.
  std::optional<Duration> retention_age = {};
  std::optional<std::uint64_t> retention_count = {}, retention_bytes = {};
  bool drop_unacknowledged = false;  // by retention
};

// How a group handles the events of a topic.
struct ReceivingDescription {
  std::string group;
  std::string key = {};  // the member; empty: the event's ce_subject
  std::uint32_t attempts = 0;
  Duration first_retry{}, last_retry{};  // the waits before the second run, and at most
  Duration deadline{};                   // of one run
  std::uint32_t concurrency = 0;         // events at once
  bool every_partition = false;
  bool from_now_on = false;
  std::string dead_letters = {};  // the topic that gets what could not be handled
};

struct OperationDescription {
  std::string id;
  std::string channel;  // its address
  std::string service;
  std::string summary = {};
  const TypeInfo* event = nullptr;                     // none: all that the channel has
  std::optional<ReceivingDescription> receiving = {};  // none: the service sends
};

struct EventsDescription {
  std::string title;
  std::string version;
  std::string description = {};
  std::vector<EventServerDescription> servers = {};
  std::vector<ChannelDescription> channels = {};
  std::vector<OperationDescription> operations = {};

  // The channel of that address, made where there is none. Valid until the next call.
  ChannelDescription& channel(const std::string& address);
};

std::string asyncapi_document(const EventsDescription& events);

}  // namespace tidemark::http
