// What a service has declared: plain data that the builders of tidemark/service.hpp fill in and that Application
// brings to life.
#pragma once
#include <deque>
#include <string>
#include <vector>

#include "model/document.hpp"
#include "tidemark/service.hpp"

namespace tidemark::detail {

struct HandlerSpec {
  std::string topic;
  std::string group;
  const TypeInfo* event = nullptr;
  RunHandler run;
  std::string key_member;  // empty: ce_subject, or else the event type's own key
  Retry retry;
  Duration deadline = std::chrono::seconds{30};
  std::uint32_t concurrency = 256;
  std::uint32_t parked_max = 10'000;
  bool from_now_on = false;
  bool every_partition = false;
};

struct EndpointSpec {
  Method method = Method::get;
  std::string path;
  ErasedEndpoint erased;
  std::string summary;
  int status = 0;  // 0: by method and result
  std::vector<std::pair<std::string, std::string>> query_parameters;
  Duration deadline = std::chrono::seconds{30};
  std::string key;       // which parameter says the partition; empty: the path's first one
  std::string location;  // the path of a document that it makes; empty: one segment below its own
};

struct CollectionSpec {
  std::string name;  // without the service
  const TypeInfo* document = nullptr;
  std::vector<model::IndexDefinition> indexes;
};

struct TopicSpec {
  std::string name;
  const TypeInfo* event = nullptr;
  std::string key_member;  // empty: `id`, or else the first member
  TopicRetention retention;
};

struct EventsSpec {
  struct Topic {
    std::string name;
    const TypeInfo* event;
  };
  std::string path;
  std::vector<Topic> topics;
};

struct MountSpec {
  std::string prefix;
  const ServiceSpec* service;
};

// Deques: the builders keep references into them.
struct ServiceSpec {
  std::string name;
  std::string about;
  std::uint16_t port = 0;
  std::deque<HandlerSpec> handlers;
  std::deque<EndpointSpec> endpoints;
  std::deque<CollectionSpec> collections;
  std::deque<TopicSpec> topics;
  std::deque<EventsSpec> events;
  std::string files_folder;  // empty: none
  std::vector<MountSpec> mounts;
};

}  // namespace tidemark::detail
