// Inventory keeps the products and takes from their stock what was ordered.
#pragma once
#include <tidemark/tidemark.hpp>

namespace shop {

struct Product {
  std::string id;
  std::string name;
  tidemark::Money price;
  int quantity_available = 0;
};
BOOST_DESCRIBE_STRUCT(Product, (), (id, name, price, quantity_available))

// What a person may say of a product.
struct ProductData {
  std::string name;
  tidemark::Money price;
  int quantity_available = 0;

  static tidemark::Constraints<ProductData> constraints() {
    return {{&ProductData::name, {.min_length = 1, .max_length = 200}},
            {&ProductData::price, {.min = 0, .max = 1'000'000}},
            {&ProductData::quantity_available, {.min = 0, .max = 1'000'000'000}}};
  }
};
BOOST_DESCRIBE_STRUCT(ProductData, (), (name, price, quantity_available))

// What became of an order here, under the order's id: an order is looked at once, however often it is told of.
struct StockRecord {
  std::string id;
  std::string product_id;
  int quantity = 0;
  bool taken = false;
};
BOOST_DESCRIBE_STRUCT(StockRecord, (), (id, product_id, quantity, taken))

tidemark::Service make_inventory();

}  // namespace shop
