// An inventory: keeps products, and takes from the stock what was ordered, or asks for a refund.
#include <tidemark/tidemark.hpp>
using namespace std::chrono_literals;
using namespace tidemark;

struct OrderCompleted {
  std::string order_id;
  std::string product_id;
  int quantity;
};
BOOST_DESCRIBE_STRUCT(OrderCompleted, (), (order_id, product_id, quantity))

struct RefundOrder {
  std::string order_id;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(RefundOrder, (), (order_id, reason))

struct Product {
  std::string id;
  std::string name;
  Money price;
  int quantity_available;
};
BOOST_DESCRIBE_STRUCT(Product, (), (id, name, price, quantity_available))

struct NewProduct {
  std::string name;
  Money price;
  int quantity_available;
};
BOOST_DESCRIBE_STRUCT(NewProduct, (), (name, price, quantity_available))

void take_from_stock(Transaction& tx, const OrderCompleted& order) {
  auto product = tx.find<Product>(order.product_id);
  if (!product || product->quantity_available < order.quantity) {
    tx.publish(RefundOrder{order.order_id, "out of stock"});
    return;
  }
  product->quantity_available -= order.quantity;
  tx.put(*product);  // one commit: document, events, acknowledgement
}

Product create_product(Transaction& tx, const NewProduct& wanted) {
  Product product{tx.new_id(), wanted.name, wanted.price, wanted.quantity_available};
  tx.put(product);
  return product;
}

std::optional<Product> get_product(Transaction& tx, const Request& request) {
  return tx.find<Product>(request.path_parameter("id"));
}

int main(int argc, char** argv) {
  Service service{"inventory"};
  service.on<OrderCompleted>("order_completed", take_from_stock)
      .key(&OrderCompleted::product_id)
      .retry({.attempts = 5, .first = 200ms, .at_most = 30s});
  service.post("/products", create_product);
  service.get("/products/{id}", get_product);
  return run(service, argc, argv);
}
