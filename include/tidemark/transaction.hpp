// Transaction: what a handler or an endpoint reads and changes, applied as one commit or not at all.
//
//   void take_from_stock(Transaction& tx, const OrderCompleted& order) {
//     auto product = tx.find<Product>(order.product_id);
//     if (!product || product->quantity_available < order.quantity) {
//       tx.publish(RefundOrder{order.order_id, "out of stock"});
//       return;
//     }
//     product->quantity_available -= order.quantity;
//     tx.put(*product);
//   }
//
// The function is a plain one; it is called again with a fresh transaction when somebody else has changed, meanwhile,
// what it read (an absence or the result of a query too). So it keeps to its transaction and leaves effects outside
// the store to `after_durable` or behind `durable`. Whatever it throws discards everything that it did to `tx`.
// A transaction belongs to the fiber that it was made for. Its calls throw the exceptions of error.hpp.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tidemark/described.hpp"
#include "tidemark/error.hpp"
#include "tidemark/time.hpp"

namespace tidemark {

class Request;

// A part of a list, and where the next one begins; as JSON {"items": […], "next": "…" or null}.
template <class T>
struct Page {
  std::vector<T> items;
  std::optional<std::string> next;
};

namespace detail {
class TransactionState;

// A question about a collection, its values as JSON text so that no type of the store is needed here.
struct DocumentQuery {
  std::string index;
  std::optional<std::string> equal, from, below;
  bool descending = false;
  std::uint32_t limit = 100;
  std::string after;

  // Takes the query parameters `limit` and `after`; throws Invalid for a limit that is not from 1 to 1000.
  void page_of(const Request& request);
};
}  // namespace detail

class Transaction;

// The documents of one type: all of them by id, or by an index that the service declared for the member.
//
//   tx.documents<Order>().where(&Order::status, Status::pending).limit(20).page()
template <class T>
class Documents {
 public:
  explicit Documents(Transaction& transaction) : transaction_{transaction} {}

  // Only those whose member has this value. One member in all may be named by where, from, below and order_by.
  template <class M, class Value>
  Documents& where(M T::*member, const Value& value) {
    query_.equal = to_json(static_cast<M>(value));
    return order_by(member);
  }
  // Only those whose member is at least / less than this.
  template <class M, class Value>
  Documents& from(M T::*member, const Value& value) {
    query_.from = to_json(static_cast<M>(value));
    return order_by(member);
  }
  template <class M, class Value>
  Documents& below(M T::*member, const Value& value) {
    query_.below = to_json(static_cast<M>(value));
    return order_by(member);
  }
  template <class M>
  Documents& order_by(M T::*member) {
    return order_by(field_of(member).name);
  }
  Documents& descending() {
    query_.descending = true;
    return *this;
  }
  // 1 to 1000; 100 when not said.
  Documents& limit(std::uint32_t limit) {
    query_.limit = limit;
    return *this;
  }
  // Goes on behind a page: its `next`.
  Documents& after(std::string cursor) {
    query_.after = std::move(cursor);
    return *this;
  }

  // Takes `limit` and `after` from the request's query parameters, where they are; throws Invalid for a wrong limit.
  Documents& page_of(const Request& request) {
    query_.page_of(request);
    return *this;
  }

  // What is committed, without this transaction's own changes; if a concurrent commit changes the answer, this
  // transaction does not apply and its function runs again. Throws Invalid for an index that the service has not
  // declared, a limit out of range or a foreign cursor.
  Page<T> page();

 private:
  Documents& order_by(std::string_view index) {
    if (!query_.index.empty() && query_.index != index)
      throw Invalid{"a query has one index, '" + query_.index + "' or '" + std::string{index} + "'"};
    query_.index = index;
    return *this;
  }

  Transaction& transaction_;
  detail::DocumentQuery query_;
};

class Transaction {
 public:
  // For the toolkit and its tests; services are handed one.
  explicit Transaction(detail::TransactionState& state) : state_{state} {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // --- Documents. T is a described struct with a string member `id`; its collection is the one that the service
  // declared for T, or the one named after T in snake_case. find, get and etag see this transaction's own changes. ---

  template <class T>
  std::optional<T> find(std::string_view id) {
    std::optional<T> document{std::in_place};
    if (!find(type_of<T>(), id, &*document)) document.reset();
    return document;
  }
  // Throws NotFound where there is none.
  template <class T>
  T get(std::string_view id) {
    T document{};
    if (!find(type_of<T>(), id, &document)) not_found(type_of<T>(), id);
    return document;
  }
  // Creates or replaces. Returns the number of the document's new version: 1 for a new one, one more with each change.
  template <class T>
  std::uint64_t put(const T& document) {
    return put(type_of<T>(), document.id, &document);
  }
  // Does nothing where there is none. Returns the number of the version that the erasure is, or 0.
  template <class T>
  std::uint64_t erase(std::string_view id) {
    return erase(type_of<T>(), id);
  }
  template <class T>
  Documents<T> documents() {
    return Documents<T>{*this};
  }
  // The strong entity tag (RFC 9110, 8.8.3) of the document as this transaction sees it; throws NotFound.
  template <class T>
  std::string etag(std::string_view id) {
    return etag(type_of<T>(), id);
  }

  // --- Events. E is a described struct; its topic is the one that the service declared for E, or E in snake_case. ---

  template <class E>
  void publish(const E& event) {
    publish(type_of<E>(), &event, std::nullopt);
  }
  // Publishes at a time to come, which survives crashes. Returns a name with which `cancel_timer` takes it back.
  template <class E>
  std::string publish_at(TimePoint due, const E& event) {
    return publish(type_of<E>(), &event, due);
  }
  template <class E, class Rep, class Period>
  std::string publish_after(std::chrono::duration<Rep, Period> delay, const E& event) {
    return publish(type_of<E>(), &event, now() + std::chrono::ceil<Duration>(delay));
  }
  // Does nothing when it has fired already.
  void cancel_timer(std::string_view name);

  // --- Effects outside the store ---

  // Suspends the fiber until all that this transaction has read, the event that it handles included, is durable. What
  // must happen outside belongs behind it: it happens at least once, again when the run is repeated, so hand
  // effect_key() along.
  void durable();
  // Calls `effect` after this transaction's commit is durable; never when it is discarded. A crash between the two
  // loses it: for what may be missed then (a line printed, a cache warmed). Exceptions are logged.
  void after_durable(std::function<void()> effect);
  // The same for every run of this event by this handler (or of this request, with its Idempotency-Key): what to hand
  // to a payment provider or the like, so that a repeated call does nothing.
  std::string effect_key() const;

  // --- About the run ---

  // The time at which the run began; reruns after a conflict see the same, a retry has its own.
  TimePoint now() const;
  // A new ULID; the n-th call gives the same one in every rerun.
  std::string new_id();
  // The handled event's id (`ce_id`), or the request's.
  const std::string& cause() const;
  // 1 for the first run of a delivery; conflicts do not count.
  std::uint32_t attempt() const;
  // The run's place in its trace, as the W3C's Trace Context writes it: the header `traceparent` of a call to somebody
  // else, whose spans then stand below this run's.
  std::string traceparent() const;

 private:
  template <class T>
  friend class Documents;

  bool find(const TypeInfo& type, std::string_view id, void* document);
  [[noreturn]] void not_found(const TypeInfo& type, std::string_view id);
  std::uint64_t put(const TypeInfo& type, const std::string& id, const void* document);
  std::uint64_t erase(const TypeInfo& type, std::string_view id);
  std::string etag(const TypeInfo& type, std::string_view id);
  std::string publish(const TypeInfo& type, const void* event, std::optional<TimePoint> due);
  // Calls `add` for a new element of the page and reads the document into it. Returns the next cursor.
  std::optional<std::string> query(const TypeInfo& type, const detail::DocumentQuery& query,
                                   const std::function<void*()>& add);

  detail::TransactionState& state_;
};

template <class T>
Page<T> Documents<T>::page() {
  Page<T> page;
  page.next = transaction_.query(type_of<T>(), query_, [&]() -> void* { return &page.items.emplace_back(); });
  return page;
}

}  // namespace tidemark
