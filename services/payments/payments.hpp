// Payments takes the orders, charges them, and gives the money back where the stock was not there.
//
//   pending ──charged──► completed ──stock taken──► fulfilled
//                            └──────refund─────────► refunded
#pragma once
#include <optional>
#include <tidemark/tidemark.hpp>

namespace shop {

class Provider;

enum class OrderStatus { pending, completed, fulfilled, refunded };
BOOST_DESCRIBE_ENUM(OrderStatus, pending, completed, fulfilled, refunded)

struct Order {
  std::string id;
  std::string product_id;
  int quantity = 0;
  tidemark::Money price;  // of one
  tidemark::Money fee;    // 20 % of price × quantity
  tidemark::Money total;  // price × quantity + fee
  OrderStatus status = OrderStatus::pending;
  std::optional<std::string> reason;     // of the refund
  std::optional<std::string> charge_id;  // the provider's
  tidemark::TimePoint created_at;
  std::optional<tidemark::TimePoint> charged_at, ended_at;
  std::optional<std::string> product_name;  // when it was ordered
};
BOOST_DESCRIBE_STRUCT(Order, (),
                      (id, product_id, quantity, price, fee, total, status, reason, charge_id, created_at, charged_at,
                       ended_at, product_name))

struct OrderRequest {
  std::string product_id;
  int quantity = 1;

  static tidemark::Constraints<OrderRequest> constraints() {
    return {{&OrderRequest::product_id, {.min_length = 1, .max_length = 200}},
            {&OrderRequest::quantity, {.min = 1, .max = 1'000'000}}};
  }
};
BOOST_DESCRIBE_STRUCT(OrderRequest, (), (product_id, quantity))

// What payments knows of a product: its own price list, kept up by inventory's events. A product that is no longer sold
// stays, so that a late event can't bring it back.
struct Price {
  std::string id;
  std::string name;
  tidemark::Money price;
  std::uint64_t version = 0;  // of the product's document at inventory
  bool deleted = false;
};
BOOST_DESCRIBE_STRUCT(Price, (), (id, name, price, version, deleted))

// The order as it is placed. Throws Invalid when the total is beyond what Money can say.
Order price_order(std::string id, const OrderRequest& request, const Price& price, tidemark::TimePoint now);

// Whether news of version `version` changes what is known.
bool is_news(const std::optional<Price>& known, std::uint64_t version);

// The provider must outlive the service.
tidemark::Service make_payments(Provider& provider);

}  // namespace shop
