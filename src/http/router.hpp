// Router: finds the handler for a method and a path.
//
//   Router router;
//   router.add(Method::get, "/products/{id}", read_product);
//   router.mount("/api/inventory", inventory_router);
//   router.fallback(static_files);
//
// A segment in braces is a parameter and matches any one non-empty segment; a literal segment beats it. Segments are
// compared after percent-decoding, an escaped slash stays within its segment. GET answers HEAD, too, and OPTIONS is
// answered with Allow where no route takes it. A path that exists without the method is 405 with Allow, any other 404.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/handler.hpp"

namespace tidemark::http {

class Router {
 public:
  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;
  Router(const Router& other);
  Router& operator=(const Router& other);

  // `path` is a template that begins with a slash. Throws Invalid for one that does not, for an unnamed or repeated
  // parameter, and for a method and template (whatever its parameters are called) that are taken.
  void add(Method method, std::string_view path, Handler handler);
  void get(std::string_view path, Handler handler) { add(Method::get, path, std::move(handler)); }
  void post(std::string_view path, Handler handler) { add(Method::post, path, std::move(handler)); }
  void put(std::string_view path, Handler handler) { add(Method::put, path, std::move(handler)); }
  void patch(std::string_view path, Handler handler) { add(Method::patch, path, std::move(handler)); }
  void erase(std::string_view path, Handler handler) { add(Method::erase, path, std::move(handler)); }

  // Adds the routes of `other` below a prefix ("/api/inventory"); its fallback is not taken over. Throws as add().
  void mount(std::string_view prefix, const Router& other);

  // Answers GET and HEAD of paths that no route knows, instead of the 404.
  void fallback(Handler handler);

  // Runs the handler; sets the request's path parameters and route. Throws what the handler throws. Any number of
  // threads at once, as long as nobody adds.
  Response operator()(Request& request) const;

  struct Route {
    Method method;
    std::string path;  // the template
  };
  std::vector<Route> routes() const;  // in the order of adding

 private:
  struct Node;
  struct Entry;

  void insert(std::shared_ptr<const Entry> entry);

  std::vector<std::shared_ptr<const Entry>> entries_;
  std::unique_ptr<Node> root_;
  Handler fallback_;
};

}  // namespace tidemark::http
