// What payments tells the others.
#pragma once
#include <tidemark/described.hpp>

namespace shop {

struct OrderPlaced {
  std::string order_id;
  std::string product_id;
  int quantity = 0;
  tidemark::Money price, fee, total;
};
BOOST_DESCRIBE_STRUCT(OrderPlaced, (), (order_id, product_id, quantity, price, fee, total))

// The order is charged: its stock can be taken.
struct OrderCompleted {
  std::string order_id;
  std::string product_id;
  int quantity = 0;
};
BOOST_DESCRIBE_STRUCT(OrderCompleted, (), (order_id, product_id, quantity))

struct OrderRefunded {
  std::string order_id;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(OrderRefunded, (), (order_id, reason))

}  // namespace shop
