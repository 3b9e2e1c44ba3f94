// Service: handlers of events and endpoints of HTTP, declared once and then run.
//
//   int main(int argc, char** argv) {
//     Service service{"inventory"};
//     service.on<OrderCompleted>("order_completed", take_from_stock)
//         .key(&OrderCompleted::product_id)
//         .retry({.attempts = 5, .first = 200ms, .at_most = 30s});
//     service.post("/products", create_product);
//     return run(service, argc, argv);
//   }
//
// Declaring something wrong (two handlers with one group on one topic, a route twice) throws std::logic_error at the
// declaration or ends `run` with a message, before anything is served.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "tidemark/described.hpp"
#include "tidemark/http.hpp"
#include "tidemark/transaction.hpp"

namespace tidemark {

// How often and when a failed event runs again. The waits double from `first` up to `at_most`, each shortened by a
// random part of up to half of it, so that what failed together does not come back together.
struct Retry {
  // Runs in all, at least 1; then the event goes to the dead letters. A run that ends with its process counts, too, but
  // for the first one, of which nothing is written down before it.
  std::uint32_t attempts = 5;
  Duration first = std::chrono::milliseconds{200};
  Duration at_most = std::chrono::seconds{30};
};

// What a topic may drop: each limit alone suffices. Entries that a group has not acknowledged stay all the same, unless
// `drop_unacknowledged`: then a group that is behind, or was given up, misses what is dropped, and holds nothing back.
struct TopicRetention {
  std::optional<Duration> age;
  std::optional<std::uint64_t> count;
  std::optional<std::uint64_t> bytes;
  bool drop_unacknowledged = false;
};

namespace detail {

struct ServiceSpec;
struct HandlerSpec;
struct EndpointSpec;
struct CollectionSpec;
struct TopicSpec;
struct EventsSpec;

// Reads the event at hand into an object of its type; throws Invalid where it can't.
using Decode = std::function<void(void* event)>;
using RunHandler = std::function<void(Transaction&, const Decode&)>;

// What an endpoint's function returned, type erased.
class Answer {
 public:
  Answer(TransactionState& state, const Request& request) : state_{state}, request_{request} {}
  void document(const TypeInfo& type, const void* document, const std::string* id);
  void begin_page();
  void item(const TypeInfo& type, const void* item);
  void end_page(const std::optional<std::string>& next);
  [[noreturn]] void not_found();
  // The request's body read as `type`; throws Malformed or Invalid.
  void read_body(const TypeInfo& type, void* body) const;

  Response response;
  // The entity tag and the id of the document that was answered with, where it is one of the store's.
  std::optional<std::string> etag, id;

 private:
  TransactionState& state_;
  const Request& request_;
  bool first_item_ = true;
};
using RunEndpoint = std::function<void(Transaction&, const Request&, Answer&)>;

template <class T>
inline constexpr bool is_page = false;
template <class T>
inline constexpr bool is_page<Page<T>> = true;
template <class T>
inline constexpr bool is_optional_document = false;
template <class T>
inline constexpr bool is_optional_document<std::optional<T>> = true;

template <class T>
void answer(Answer& out, const T& value) {
  if constexpr (std::is_same_v<T, Response>) {
    out.response = value;
  } else if constexpr (is_optional_document<T>) {
    value ? answer(out, *value) : out.not_found();
  } else if constexpr (is_page<T>) {
    out.begin_page();
    for (const auto& item : value.items) out.item(type_of<std::remove_cvref_t<decltype(item)>>(), &item);
    out.end_page(value.next);
  } else {
    const std::string* id = nullptr;
    if constexpr (requires { static_cast<const std::string&>(value.id); }) id = &value.id;
    out.document(type_of<T>(), &value, id);
  }
}

template <class Result>
struct AnswerTypes {
  static const TypeInfo* document() { return &type_of<Result>(); }
  static constexpr bool page = false;
};
template <class T>
struct AnswerTypes<std::optional<T>> : AnswerTypes<T> {};
template <class T>
struct AnswerTypes<Page<T>> : AnswerTypes<T> {
  static constexpr bool page = true;
};
template <>
struct AnswerTypes<void> {
  static const TypeInfo* document() { return nullptr; }
  static constexpr bool page = false;
};
template <>
struct AnswerTypes<Response> : AnswerTypes<void> {};

// An endpoint's function, erased, with the types of its body and its answer for validation and OpenAPI.
struct ErasedEndpoint {
  RunEndpoint run;
  const TypeInfo* body = nullptr;
  bool body_required = true;
  const TypeInfo* result = nullptr;
  bool page = false;
};

template <class Body>
void read_body(const Answer& answer, const Request&, Body& body) {
  answer.read_body(type_of<Body>(), &body);
}
template <class Body>
void read_body(const Answer& answer, const Request& request, std::optional<Body>& body) {
  if (!request.body.empty()) answer.read_body(type_of<Body>(), &body.emplace());
}

template <class Function, class Call>
void call(const Function&, Answer& out, const Call& invoke) {
  if constexpr (std::is_void_v<decltype(invoke())>) {
    invoke();
  } else {
    answer(out, invoke());
  }
}

template <class Result, class... Arguments>
ErasedEndpoint erase(std::function<Result(Transaction&, Arguments...)> function) {
  ErasedEndpoint erased;
  erased.result = AnswerTypes<Result>::document();
  erased.page = AnswerTypes<Result>::page;
  using First = std::tuple_element_t<0, std::tuple<std::remove_cvref_t<Arguments>..., void*>>;
  constexpr bool takes_request = std::is_same_v<First, Request>;
  static_assert(
      sizeof...(Arguments) <= (takes_request ? 2u : 1u),
      "an endpoint takes (Transaction&), and then the const Request&, the described body, or both in this order");
  constexpr bool takes_body = sizeof...(Arguments) == (takes_request ? 2 : 1);
  if constexpr (takes_body) {
    using Body = std::tuple_element_t<takes_request ? 1 : 0, std::tuple<std::remove_cvref_t<Arguments>...>>;
    erased.body = AnswerTypes<Body>::document();
    erased.body_required = !is_optional_document<Body>;
    erased.run = [function = std::move(function)](Transaction& tx, const Request& request, Answer& out) {
      Body body{};
      read_body(out, request, body);
      if constexpr (takes_request)
        call(function, out, [&] { return function(tx, request, body); });
      else
        call(function, out, [&] { return function(tx, body); });
    };
  } else {
    erased.run = [function = std::move(function)](Transaction& tx, const Request& request, Answer& out) {
      if constexpr (takes_request)
        call(function, out, [&] { return function(tx, request); });
      else
        call(function, out, [&] { return function(tx); });
    };
  }
  return erased;
}

}  // namespace detail

// How a handler runs. Each call returns the same object, so that they chain.
class HandlerOptions {
 public:
  explicit HandlerOptions(detail::HandlerSpec& spec) : spec_{spec} {}

  // Events with the same value of this member take effect in order, others concurrently. When not said: the event's
  // `ce_subject`, or else the key that its type has when published.
  template <class E, class M>
  HandlerOptions& key(M E::*member) {
    return key(type_of<E>(), field_of(member));
  }
  // The consumer group; when not said, the service's name.
  HandlerOptions& group(std::string name);
  HandlerOptions& retry(Retry retry);
  // How long one run may take before it is cancelled and counted as failed; 30 s when not said.
  HandlerOptions& deadline(Duration deadline);
  // How many events may be in memory and running at once; 256 when not said.
  HandlerOptions& concurrency(std::uint32_t events);
  // How many events may be parked, those that wait for a retry and those behind them, before the handler pauses; 10,000
  // when not said.
  HandlerOptions& parked_at_most(std::uint32_t events);
  // A new group starts with what is published from now on, not with the topic's oldest event.
  HandlerOptions& from_now_on();
  // Where the service has several partitions: each event takes effect once in every one of them, so that each keeps a
  // copy of what is made of it (a price list that all orders need). What it publishes, each of them does.
  HandlerOptions& every_partition();

 private:
  HandlerOptions& key(const TypeInfo& event, const FieldInfo& member);
  detail::HandlerSpec& spec_;
};

class EndpointOptions {
 public:
  explicit EndpointOptions(detail::EndpointSpec& spec) : spec_{spec} {}
  // One line for the OpenAPI document.
  EndpointOptions& summary(std::string text);
  // The status of a success; when not said 201 for POST, 204 where the function returns void, 200 otherwise.
  EndpointOptions& status(int status);
  // Describes a query parameter; only for the OpenAPI document.
  EndpointOptions& query(std::string name, std::string description);
  // How long a run may take before the request is answered with 504; 30 s when not said.
  EndpointOptions& deadline(Duration deadline);
  // Which parameter says the partition: one of the path, or a query parameter, which requests must then have. When not
  // said: the path's first one ("Partitions", below).
  EndpointOptions& key(std::string parameter);
  // Where a document that it makes is found, for the Location of a 201: the path of a GET endpoint of the service, as
  // "/users/{id}", whose last parameter is the document's id; others are those of the request. When not said: the GET
  // endpoint whose path is this one's with one parameter more; where there is none, the answer has no Location.
  EndpointOptions& location(std::string path);

 private:
  detail::EndpointSpec& spec_;
};

// An index that is new or was changed is built at the next start, from all documents: on the embedded store, before
// anything else is committed; on Redis, beside what goes on.
class CollectionOptions {
 public:
  explicit CollectionOptions(detail::CollectionSpec& spec) : spec_{spec} {}
  // Documents can be found, and listed in the order of, this member.
  template <class T, class M>
  CollectionOptions& index(M T::*member) {
    return index(type_of<T>(), field_of(member), false);
  }
  // An index in which each value may stand once. A commit that would break it fails with AlreadyExists.
  template <class T, class M>
  CollectionOptions& unique(M T::*member) {
    return index(type_of<T>(), field_of(member), true);
  }

 private:
  CollectionOptions& index(const TypeInfo& document, const FieldInfo& member, bool unique);
  detail::CollectionSpec& spec_;
};

class TopicOptions {
 public:
  explicit TopicOptions(detail::TopicSpec& spec) : spec_{spec} {}
  // What orders the events: their `ce_subject`. When not said: the member `id`, or else the first one.
  template <class E, class M>
  TopicOptions& key(M E::*member) {
    return key(type_of<E>(), field_of(member));
  }
  TopicOptions& retention(TopicRetention retention);

 private:
  TopicOptions& key(const TypeInfo& event, const FieldInfo& member);
  detail::TopicSpec& spec_;
};

// Which topics a stream of server-sent events carries.
class EventStreamOptions {
 public:
  explicit EventStreamOptions(detail::EventsSpec& spec) : spec_{spec} {}
  // Each event goes out with the topic as its name and itself as JSON.
  template <class E>
  EventStreamOptions& topic(std::string name) {
    return topic(std::move(name), type_of<E>());
  }

 private:
  EventStreamOptions& topic(std::string name, const TypeInfo& event);
  detail::EventsSpec& spec_;
};

// Partitions (`--partitions N`, for all processes of a service alike and for good) divide a service's documents and
// events among its processes. With one, the default, nothing of this matters. A transaction has one partition; what it
// finds and puts, what is unique in it, its timers and queries are that partition's:
//
//   a handler         its event's key says which: keep under that key, or under ids from tx.new_id(), what is to be
//                     found by id. Documents with other ids are this partition's own (a record of each order that took
//                     from the product's stock, a copy of a price list): found by handlers of the same key only
//   /orders/{id}      the path's first parameter, or the one that .key(…) names
//   POST without one  any, chosen for each request: the ids of what it puts must come from tx.new_id(), which gives ids
//                     that belong to the transaction's partition
//   GET without one   all: `find` looks where the id belongs, pages are merged in their order. It can't change
//   anything,
//                     and what it reads is committed, but not all at one moment
class Service {
 public:
  // The name prefixes collections and is the default group: lower-case letters, digits and dashes.
  explicit Service(std::string name);
  Service(Service&&) noexcept;
  Service& operator=(Service&&) noexcept;
  ~Service();

  // The port when neither flag nor configuration names one; 0 is any free one.
  Service& port(std::uint16_t port);
  // One line for --help and the OpenAPI document.
  Service& about(std::string text);

  // --- Events ---

  // Handles each event of the topic once, per key in order. `function`: void(Transaction&, const E&).
  template <class E, class Function>
  HandlerOptions on(std::string topic, Function function) {
    return on(std::move(topic), type_of<E>(),
              [function = std::move(function)](Transaction& tx, const detail::Decode& decode) {
                E event{};
                decode(&event);
                function(tx, static_cast<const E&>(event));
              });
  }
  // Says which topic events of type E are published to, and how it is kept. Not needed for the defaults.
  template <class E>
  TopicOptions publishes(std::string topic) {
    return publishes(std::move(topic), type_of<E>());
  }

  // --- Documents ---

  // Names the collection of T, and its indexes. Not needed for the defaults.
  template <class T>
  CollectionOptions collection(std::string name) {
    return collection(std::move(name), type_of<T>());
  }

  // --- HTTP. `function`: R(Transaction&), R(Transaction&, const Request&), R(Transaction&, const Body&) or
  // R(Transaction&, const Request&, const Body&), where Body is a described struct (or an
  // optional of one, empty where the request has no body), and R one too, an optional of one
  // (empty: 404), a Page of them, a Response, or void. ---

  template <class Function>
  EndpointOptions get(std::string path, Function function) {
    return endpoint(Method::get, std::move(path), detail::erase(std::function{std::move(function)}));
  }
  template <class Function>
  EndpointOptions post(std::string path, Function function) {
    return endpoint(Method::post, std::move(path), detail::erase(std::function{std::move(function)}));
  }
  template <class Function>
  EndpointOptions put(std::string path, Function function) {
    return endpoint(Method::put, std::move(path), detail::erase(std::function{std::move(function)}));
  }
  template <class Function>
  EndpointOptions patch(std::string path, Function function) {
    return endpoint(Method::patch, std::move(path), detail::erase(std::function{std::move(function)}));
  }
  template <class Function>
  EndpointOptions erase(std::string path, Function function) {
    return endpoint(Method::erase, std::move(path), detail::erase(std::function{std::move(function)}));
  }

  // A stream of server-sent events: each event of the topics as it becomes durable, from now on or from Last-Event-ID.
  EventStreamOptions events(std::string path);
  // Serves a folder's files to GETs that no endpoint takes; unknown paths without an extension get its index.html. A
  // relative folder is looked for in <the program's folder>/../share/tidemark, then in the working directory.
  Service& files(std::string folder);
  // Answers what comes below the prefix with the other service's endpoints. The other one must run in this process too.
  Service& mount(std::string prefix, const Service& other);

  const std::string& name() const noexcept;
  detail::ServiceSpec& spec() const noexcept { return *spec_; }

 private:
  HandlerOptions on(std::string topic, const TypeInfo& event, detail::RunHandler run);
  TopicOptions publishes(std::string topic, const TypeInfo& event);
  CollectionOptions collection(std::string name, const TypeInfo& document);
  EndpointOptions endpoint(Method method, std::string path, detail::ErasedEndpoint erased);

  std::unique_ptr<detail::ServiceSpec> spec_;
};

// Runs the service until SIGTERM or SIGINT, then drains: stops accepting, finishes what runs, commits. Returns the exit
// code of the process: 0, or 2 for a wrong flag, configuration or declaration, 1 when it could not start or stop well.
// `--help` lists the flags.
int run(Service& service, int argc, char** argv);

// Runs several services in one process on one store. Each has its own port and its own flags, `--<service>-port`.
int run(std::string_view program, const std::vector<Service*>& services, int argc, char** argv);

}  // namespace tidemark
