#include "tidemark/service.hpp"

#include <algorithm>
#include <stdexcept>

#include "kit/service/spec.hpp"

namespace tidemark {
namespace {

void require(bool condition, const std::string& message) {
  if (!condition) throw std::logic_error{message};
}

bool is_service_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && name[0] >= 'a' && name[0] <= 'z' &&
         std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 128 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  });
}

void require_name(std::string_view what, const std::string& name) {
  require(is_name(name), "'" + name + "' can't be the name of a " + std::string{what} +
                             ": use 1 to 128 letters, digits, '-', '_' and '.'");
}

// Fields of an entry that are Tidemark's own (docs/formats/events.md) stand beside the event's members.
void require_event(const TypeInfo& event) {
  if (event.kind != TypeKind::object) return;
  for (const auto& field : event.fields())
    require(!field.name.starts_with("ce_") && !field.name.starts_with("dl_"),
            "the event '" + std::string{event.name} + "' can't have the member '" + std::string{field.name} +
                "': names that begin with ce_ or dl_ are those of its envelope and of dead letters");
}

void require_path(const std::string& path) {
  require(path.starts_with('/'), "the path '" + path + "' must begin with '/'");
}

void require_member_of(const TypeInfo& type, const TypeInfo& expected) {
  require(&type == &expected,
          "the member is one of '" + std::string{type.name} + "', not of '" + std::string{expected.name} + "'");
}

}  // namespace

HandlerOptions& HandlerOptions::group(std::string name) {
  require_name("group", name);
  spec_.group = std::move(name);
  return *this;
}

HandlerOptions& HandlerOptions::retry(Retry retry) {
  require(retry.attempts >= 1, "retry.attempts must be at least 1: it counts the first run, too");
  require(retry.first >= Duration{1} && retry.at_most >= retry.first,
          "retry.first must be at least 1 ms, and retry.at_most no less than it");
  spec_.retry = retry;
  return *this;
}

HandlerOptions& HandlerOptions::deadline(Duration deadline) {
  require(deadline > Duration{0}, "a handler's deadline must be above 0");
  spec_.deadline = deadline;
  return *this;
}

HandlerOptions& HandlerOptions::concurrency(std::uint32_t events) {
  require(events >= 1 && events <= 100'000, "a handler's concurrency must be from 1 to 100000");
  spec_.concurrency = events;
  return *this;
}

HandlerOptions& HandlerOptions::parked_at_most(std::uint32_t events) {
  spec_.parked_max = events;
  return *this;
}

HandlerOptions& HandlerOptions::from_now_on() {
  spec_.from_now_on = true;
  return *this;
}

HandlerOptions& HandlerOptions::every_partition() {
  spec_.every_partition = true;
  return *this;
}

HandlerOptions& HandlerOptions::key(const TypeInfo& event, const FieldInfo& member) {
  require_member_of(event, *spec_.event);
  spec_.key_member = member.name;
  return *this;
}

EndpointOptions& EndpointOptions::summary(std::string text) {
  spec_.summary = std::move(text);
  return *this;
}

EndpointOptions& EndpointOptions::status(int status) {
  require(status >= 200 && status <= 299, "an endpoint's status is that of a success, 200 to 299");
  spec_.status = status;
  return *this;
}

EndpointOptions& EndpointOptions::query(std::string name, std::string description) {
  spec_.query_parameters.emplace_back(std::move(name), std::move(description));
  return *this;
}

EndpointOptions& EndpointOptions::deadline(Duration deadline) {
  require(deadline > Duration{0}, "an endpoint's deadline must be above 0");
  spec_.deadline = deadline;
  return *this;
}

EndpointOptions& EndpointOptions::key(std::string parameter) {
  require(!parameter.empty(), "an endpoint's key needs the name of a parameter");
  spec_.key = std::move(parameter);
  return *this;
}

EndpointOptions& EndpointOptions::location(std::string path) {
  require(path.ends_with('}'), "an endpoint's location is a path that ends with the parameter for the id: /users/{id}");
  spec_.location = std::move(path);
  return *this;
}

CollectionOptions& CollectionOptions::index(const TypeInfo& document, const FieldInfo& member, bool unique) {
  require_member_of(document, *spec_.document);
  const std::string name{member.name};
  for (const auto& index : spec_.indexes)
    require(index.name != name, "the collection '" + spec_.name + "' has the index '" + name + "' already");
  spec_.indexes.push_back({.name = name, .path = name, .unique = unique});
  return *this;
}

TopicOptions& TopicOptions::key(const TypeInfo& event, const FieldInfo& member) {
  require_member_of(event, *spec_.event);
  spec_.key_member = member.name;
  return *this;
}

TopicOptions& TopicOptions::retention(TopicRetention retention) {
  spec_.retention = retention;
  return *this;
}

EventStreamOptions& EventStreamOptions::topic(std::string name, const TypeInfo& event) {
  require_name("topic", name);
  spec_.topics.push_back({std::move(name), &event});
  return *this;
}

Service::Service(std::string name) : spec_{std::make_unique<detail::ServiceSpec>()} {
  require(is_service_name(name), "'" + name +
                                     "' can't be the name of a service: use up to 64 lower-case letters, digits "
                                     "and dashes, a letter first");
  spec_->name = std::move(name);
}

Service::Service(Service&&) noexcept = default;
Service& Service::operator=(Service&&) noexcept = default;
Service::~Service() = default;

Service& Service::port(std::uint16_t port) {
  spec_->port = port;
  return *this;
}

Service& Service::about(std::string text) {
  spec_->about = std::move(text);
  return *this;
}

HandlerOptions Service::on(std::string topic, const TypeInfo& event, detail::RunHandler run) {
  require_name("topic", topic);
  require_event(event);
  auto& spec = spec_->handlers.emplace_back();
  spec.topic = std::move(topic);
  spec.group = spec_->name;
  spec.event = &event;
  spec.run = std::move(run);
  return HandlerOptions{spec};
}

TopicOptions Service::publishes(std::string topic, const TypeInfo& event) {
  require_name("topic", topic);
  require_event(event);
  for (const auto& other : spec_->topics)
    require(other.event != &event, "'" + std::string{event.name} + "' is published to '" + other.name + "' already");
  auto& spec = spec_->topics.emplace_back();
  spec.name = std::move(topic);
  spec.event = &event;
  return TopicOptions{spec};
}

CollectionOptions Service::collection(std::string name, const TypeInfo& document) {
  require_name("collection", name);
  for (const auto& other : spec_->collections)
    require(other.document != &document && other.name != name,
            "the collection '" + other.name + "' of '" + std::string{other.document->name} + "' is declared already");
  auto& spec = spec_->collections.emplace_back();
  spec.name = std::move(name);
  spec.document = &document;
  return CollectionOptions{spec};
}

EndpointOptions Service::endpoint(Method method, std::string path, detail::ErasedEndpoint erased) {
  require_path(path);
  auto& spec = spec_->endpoints.emplace_back();
  spec.method = method;
  spec.path = std::move(path);
  spec.erased = std::move(erased);
  return EndpointOptions{spec};
}

EventStreamOptions Service::events(std::string path) {
  require_path(path);
  auto& spec = spec_->events.emplace_back();
  spec.path = std::move(path);
  return EventStreamOptions{spec};
}

Service& Service::files(std::string folder) {
  require(spec_->files_folder.empty(),
          "'" + spec_->name + "' serves the files of '" + spec_->files_folder + "' already");
  require(!folder.empty(), "the folder of files needs a name");
  spec_->files_folder = std::move(folder);
  return *this;
}

Service& Service::mount(std::string prefix, const Service& other) {
  require_path(prefix);
  require(!prefix.ends_with('/'), "the prefix '" + prefix + "' must not end with '/'");
  spec_->mounts.push_back({std::move(prefix), other.spec_.get()});
  return *this;
}

const std::string& Service::name() const noexcept { return spec_->name; }

}  // namespace tidemark
