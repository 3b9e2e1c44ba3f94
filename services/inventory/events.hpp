// What inventory tells the others.
#pragma once
#include <tidemark/described.hpp>

namespace shop {

// A product was made or changed by a person. Not for stock that is sold: that is StockTaken.
struct ProductSaved {
  std::string id;
  std::string name;
  tidemark::Money price;
  int quantity_available = 0;
  std::uint64_t version = 0;  // of the document: a reader ignores what is not newer than what it knows
};
BOOST_DESCRIBE_STRUCT(ProductSaved, (), (id, name, price, quantity_available, version))

struct ProductDeleted {
  std::string id;
  std::uint64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(ProductDeleted, (), (id, version))

// The stock of an order was there and is taken.
struct StockTaken {
  std::string order_id;
  std::string product_id;
  int quantity = 0;
  int quantity_available = 0;  // what is left
  std::uint64_t version = 0;   // of the product
};
BOOST_DESCRIBE_STRUCT(StockTaken, (), (order_id, product_id, quantity, quantity_available, version))

// The stock of an order was not there: the money has to go back.
struct RefundOrder {
  std::string order_id;
  std::string product_id;
  int quantity = 0;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(RefundOrder, (), (order_id, product_id, quantity, reason))

}  // namespace shop
