#include "inventory/inventory.hpp"

#include <algorithm>
#include <cctype>

#include "inventory/events.hpp"
#include "payments/events.hpp"

namespace shop {
namespace {

using namespace tidemark;
using namespace std::chrono_literals;

void announce(Transaction& tx, const Product& product, std::uint64_t version) {
  tx.publish(ProductSaved{product.id, product.name, product.price, product.quantity_available, version});
}

Product create_product(Transaction& tx, const ProductData& data) {
  const Product product{tx.new_id(), data.name, data.price, data.quantity_available};
  announce(tx, product, tx.put(product));
  return product;
}

Documents<Product> products_in_order(Transaction& tx, std::string_view order) {
  auto products = tx.documents<Product>();
  const bool falls = order == "newest" || order.starts_with('-');
  if (order == "name" || order == "-name")
    products.order_by(&Product::name);
  else if (order == "price" || order == "-price")
    products.order_by(&Product::price);
  else if (order != "newest" && order != "oldest")
    throw Invalid{"sort: expected newest, oldest, name, -name, price or -price, got \"" + std::string{order} + "\""};
  return falls ? products.descending() : products;
}

bool has_text(std::string_view text, std::string_view wanted) {
  const auto same = [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); };
  return std::search(text.begin(), text.end(), wanted.begin(), wanted.end(), same) != text.end() || wanted.empty();
}

// A search looks at as many products as a page has, so its page may be short, and there may be more behind it.
Page<Product> list_products(Transaction& tx, const Request& request) {
  auto page = products_in_order(tx, request.query("sort").value_or("newest")).page_of(request).page();
  if (const auto search = request.query("search"))
    std::erase_if(page.items, [&](const Product& product) { return !has_text(product.name, *search); });
  return page;
}

std::optional<Product> get_product(Transaction& tx, const Request& request) {
  return tx.find<Product>(request.path_parameter("id"));
}

// The stock may have been sold from meanwhile, so whoever sets it says which version they have seen.
Product replace_product(Transaction& tx, const Request& request, const ProductData& data) {
  auto product = tx.get<Product>(request.path_parameter("id"));
  request.require_match(tx.etag<Product>(product.id));
  product.name = data.name;
  product.price = data.price;
  product.quantity_available = data.quantity_available;
  announce(tx, product, tx.put(product));
  return product;
}

void delete_product(Transaction& tx, const Request& request) {
  const auto product = tx.get<Product>(request.path_parameter("id"));
  if (request.header("If-Match")) request.require_match(tx.etag<Product>(product.id));
  tx.publish(ProductDeleted{product.id, tx.erase<Product>(product.id)});
}

void take_from_stock(Transaction& tx, const OrderCompleted& order) {
  if (tx.find<StockRecord>(order.order_id)) return;
  auto product = tx.find<Product>(order.product_id);
  const bool taken = product && product->quantity_available >= order.quantity;
  tx.put(StockRecord{order.order_id, order.product_id, order.quantity, taken});
  if (!taken) {
    tx.publish(
        RefundOrder{order.order_id, order.product_id, order.quantity, product ? "out of stock" : "no longer sold"});
    return;
  }
  product->quantity_available -= order.quantity;
  const auto version = tx.put(*product);
  tx.publish(StockTaken{order.order_id, order.product_id, order.quantity, product->quantity_available, version});
}

}  // namespace

Service make_inventory() {
  Service service{"inventory"};
  service.port(8000).about("Keeps the products, and takes from their stock what was ordered");
  service.collection<Product>("products").index(&Product::name).index(&Product::price);
  service.collection<StockRecord>("stock_records");
  service.publishes<ProductSaved>("product_saved").key(&ProductSaved::id);
  service.publishes<ProductDeleted>("product_deleted").key(&ProductDeleted::id);
  service.publishes<StockTaken>("stock_taken").key(&StockTaken::order_id);
  service.publishes<RefundOrder>("refund_order").key(&RefundOrder::order_id);
  service.on<OrderCompleted>("order_completed", take_from_stock)
      .key(&OrderCompleted::product_id)
      .retry({.attempts = 10, .first = 100ms, .at_most = 30s});
  service.get("/products", list_products)
      .summary("Products, newest first")
      .query("sort", "newest, oldest, name, -name, price or -price; - for falling")
      .query("search", "only those with this text in their name; a page may be short and have a next one all the same");
  service.post("/products", create_product).summary("A new product");
  service.get("/products/{id}", get_product).summary("One product, with its ETag");
  service.put("/products/{id}", replace_product).summary("Changes a product; needs If-Match with its ETag");
  service.erase("/products/{id}", delete_product).summary("Ends the sale of a product");
  return service;
}

}  // namespace shop
