#include "payments/payments.hpp"

#include <algorithm>
#include <cctype>

#include "inventory/events.hpp"
#include "payments/events.hpp"
#include "payments/provider.hpp"

namespace shop {

using namespace tidemark;
using namespace std::chrono_literals;

Order price_order(std::string id, const OrderRequest& request, const Price& price, TimePoint now) {
  const Money goods = price.price * request.quantity;
  const Money fee = goods.percent(20);
  return {.id = std::move(id),
          .product_id = request.product_id,
          .quantity = request.quantity,
          .price = price.price,
          .fee = fee,
          .total = goods + fee,
          .created_at = now,
          .product_name = price.name};
}

bool is_news(const std::optional<Price>& known, std::uint64_t version) { return !known || version > known->version; }

namespace {

// --- Endpoints ---

Order place_order(Transaction& tx, const OrderRequest& request) {
  const auto price = tx.find<Price>(request.product_id);
  if (!price || price->deleted) throw NotFound{"there is no product with the id '" + request.product_id + "'"};
  const Order order = price_order(tx.new_id(), request, *price, tx.now());
  tx.put(order);
  tx.publish(OrderPlaced{order.id, order.product_id, order.quantity, order.price, order.fee, order.total});
  return order;
}

bool has_text(std::string_view text, std::string_view wanted) {
  const auto same = [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); };
  return std::search(text.begin(), text.end(), wanted.begin(), wanted.end(), same) != text.end() || wanted.empty();
}

// What is asked for is looked for among as many orders as a page has, so a page may be short, and there may be more
// behind it: an index would have to be kept at every step of every order.
Page<Order> list_orders(Transaction& tx, const Request& request) {
  const auto sort = request.query("sort").value_or("newest");
  if (sort != "newest" && sort != "oldest") throw Invalid{"sort: expected newest or oldest, got \"" + sort + "\""};
  auto orders = tx.documents<Order>().page_of(request);
  auto page = (sort == "newest" ? orders.descending() : orders).page();
  std::optional<OrderStatus> status;
  if (const auto name = request.query("status")) {
    try {
      status = from_json<OrderStatus>(to_json(*name));
    } catch (const Invalid& error) {
      throw Invalid{std::string{"status: "} + error.what()};
    }
  }
  const auto search = request.query("search").value_or("");
  std::erase_if(page.items, [&](const Order& order) {
    return (status && order.status != *status) ||
           !(has_text(order.product_name.value_or(""), search) || has_text(order.id, search));
  });
  return page;
}

std::optional<Order> get_order(Transaction& tx, const Request& request) {
  return tx.find<Order>(request.path_parameter("id"));
}

// --- The price list ---

void note_product(Transaction& tx, const ProductSaved& product) {
  if (is_news(tx.find<Price>(product.id), product.version))
    tx.put(Price{product.id, product.name, product.price, product.version, false});
}

void note_deletion(Transaction& tx, const ProductDeleted& product) {
  auto known = tx.find<Price>(product.id);
  if (!is_news(known, product.version)) return;
  Price price = known.value_or(Price{.id = product.id});
  price.version = product.version;
  price.deleted = true;
  tx.put(price);
}

// --- The life of an order. Each step looks at where the order is, so that an event that comes late, or again, does
// nothing. ---

void charge(Provider& provider, Transaction& tx, const OrderPlaced& placed) {
  auto order = tx.get<Order>(placed.order_id);
  if (order.status != OrderStatus::pending) return;
  tx.durable();
  order.charge_id = provider.charge(tx.effect_key(), order.total);
  order.status = OrderStatus::completed;
  order.charged_at = tx.now();
  tx.put(order);
  tx.publish(OrderCompleted{order.id, order.product_id, order.quantity});
}

void fulfil(Transaction& tx, const StockTaken& taken) {
  auto order = tx.find<Order>(taken.order_id);
  if (!order || order->status != OrderStatus::completed) return;
  order->status = OrderStatus::fulfilled;
  order->ended_at = tx.now();
  tx.put(*order);
}

void refund(Provider& provider, Transaction& tx, const RefundOrder& refused) {
  auto order = tx.find<Order>(refused.order_id);
  if (!order || order->status != OrderStatus::completed) return;
  tx.durable();
  provider.refund(tx.effect_key(), order->total);
  order->status = OrderStatus::refunded;
  order->reason = refused.reason;
  order->ended_at = tx.now();
  tx.put(*order);
  tx.publish(OrderRefunded{order->id, refused.reason});
}

}  // namespace

Service make_payments(Provider& provider) {
  Service service{"payments"};
  service.port(8001).about("Takes orders, charges them, and refunds what can't be delivered");
  service.collection<Order>("orders");
  service.collection<Price>("prices");
  service.publishes<OrderPlaced>("order_placed").key(&OrderPlaced::order_id);
  service.publishes<OrderCompleted>("order_completed").key(&OrderCompleted::product_id);
  service.publishes<OrderRefunded>("order_refunded").key(&OrderRefunded::order_id);

  // Orders of a product are everywhere, so its price has to be.
  service.on<ProductSaved>("product_saved", note_product).key(&ProductSaved::id).every_partition();
  service.on<ProductDeleted>("product_deleted", note_deletion).key(&ProductDeleted::id).every_partition();
  const Retry patiently{.attempts = 10, .first = 100ms, .at_most = 30s};
  service
      .on<OrderPlaced>("order_placed", [&provider](Transaction& tx, const OrderPlaced& e) { charge(provider, tx, e); })
      .key(&OrderPlaced::order_id)
      .retry(patiently);
  service.on<StockTaken>("stock_taken", fulfil).key(&StockTaken::order_id).retry(patiently);
  service
      .on<RefundOrder>("refund_order", [&provider](Transaction& tx, const RefundOrder& e) { refund(provider, tx, e); })
      .key(&RefundOrder::order_id)
      .retry(patiently);

  service.post("/orders", place_order)
      .summary("Orders a product; send an Idempotency-Key, so that a repeat orders nothing");
  service.get("/orders", list_orders)
      .summary("Orders, newest first")
      .query("sort", "newest or oldest")
      .query("status", "only those that are pending, completed, fulfilled or refunded")
      .query("search", "only those with this text in their id or their product's name; a page may be short");
  service.get("/orders/{id}", get_order).summary("One order");
  return service;
}

}  // namespace shop
