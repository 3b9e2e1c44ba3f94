#include "http/router.hpp"

#include <array>
#include <deque>
#include <map>

#include "http/header_values.hpp"
#include "http/percent.hpp"
#include "http/problem.hpp"

namespace tidemark::http {
namespace {

constexpr std::array METHODS{Method::get,   Method::head,  Method::post,   Method::put,
                             Method::patch, Method::erase, Method::options};

constexpr std::size_t index_of(Method method) { return static_cast<std::size_t>(method); }

// The name between the braces of a template's segment; nothing for a literal.
std::string_view parameter_name(std::string_view segment) {
  if (segment.size() < 2 || segment.front() != '{' || segment.back() != '}') return {};
  return segment.substr(1, segment.size() - 2);
}

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  path.remove_prefix(1);
  for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/')) {
    segments.push_back(path.substr(0, slash));
    path.remove_prefix(slash + 1);
  }
  segments.push_back(path);
  return segments;
}

std::vector<std::string> parameters_of(std::string_view path) {
  std::vector<std::string> names;
  for (const auto segment : segments_of(path)) {
    if (segment.find_first_of("{}") == std::string_view::npos) continue;
    const auto name = parameter_name(segment);
    if (name.empty() || name.find_first_of("{}") != std::string_view::npos) {
      throw Invalid{"route " + std::string{path} + ": a parameter is a whole segment with a name, as in /users/{id}"};
    }
    for (const auto& other : names) {
      if (other == name) throw Invalid{"route " + std::string{path} + ": it has two parameters " + std::string{name}};
    }
    names.emplace_back(name);
  }
  return names;
}

}  // namespace

struct Router::Entry {
  Method method;
  std::string path;
  std::vector<std::string> parameters;  // in the order of their segments
  Handler handler;
};

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> parameter;
  std::array<std::shared_ptr<const Entry>, METHODS.size()> by_method;

  // The entry for the method; GET's for HEAD.
  const Entry* entry(Method method) const {
    if (const auto& own = by_method[index_of(method)]) return own.get();
    return method == Method::head ? by_method[index_of(Method::get)].get() : nullptr;
  }
};

namespace {

// A walk down the tree that comes back where a literal branch leads nowhere.
template <class Node, class Entry>
class Search {
 public:
  explicit Search(Method method) : method_{method} {}

  // `rest` begins behind a slash. The entry found, or null; then allowed() has the methods of the path.
  const Entry* find(const Node& node, std::string_view rest, bool is_encoded) {
    const auto slash = rest.find('/');
    const bool is_last = slash == std::string_view::npos;
    const std::string_view segment = decoded(rest.substr(0, slash), is_encoded);
    const auto descend = [&](const Node& child) -> const Entry* {
      return is_last ? arrive(child) : find(child, rest.substr(slash + 1), is_encoded);
    };
    if (const auto literal = node.literals.find(segment); literal != node.literals.end()) {
      if (const Entry* entry = descend(*literal->second)) return entry;
    }
    if (!node.parameter || segment.empty()) return nullptr;
    values_.push_back(segment);
    if (const Entry* entry = descend(*node.parameter)) return entry;
    values_.pop_back();
    return nullptr;
  }

  const std::vector<std::string_view>& values() const { return values_; }
  bool path_exists() const { return path_exists_; }

  std::string allowed() const {
    std::string list;
    for (const Method method : METHODS) {
      const bool is_there = method == Method::options || (method == Method::head && has_[index_of(Method::get)]) ||
                            has_[index_of(method)];
      if (!is_there) continue;
      if (!list.empty()) list += ", ";
      list += to_string(method);
    }
    return list;
  }

 private:
  const Entry* arrive(const Node& node) {
    for (const Method method : METHODS) {
      if (!node.by_method[index_of(method)]) continue;
      has_[index_of(method)] = true;
      path_exists_ = true;
    }
    return node.entry(method_);
  }

  std::string_view decoded(std::string_view segment, bool is_encoded) {
    if (!is_encoded || segment.find('%') == std::string_view::npos) return segment;
    return decoded_.emplace_back(percent_decode(segment).or_raise());
  }

  Method method_;
  std::vector<std::string_view> values_;
  std::deque<std::string> decoded_;  // a deque, so that the views of its strings last
  std::array<bool, METHODS.size()> has_{};
  bool path_exists_ = false;
};

}  // namespace

Router::Router() : root_{std::make_unique<Node>()} {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

Router::Router(const Router& other) : Router{} {
  for (const auto& entry : other.entries_) insert(entry);
  fallback_ = other.fallback_;
}

Router& Router::operator=(const Router& other) {
  if (this != &other) *this = Router{other};
  return *this;
}

void Router::add(Method method, std::string_view path, Handler handler) {
  if (!path.starts_with('/')) throw Invalid{"route '" + std::string{path} + "': it must begin with a slash"};
  insert(std::make_shared<Entry>(Entry{method, std::string{path}, parameters_of(path), std::move(handler)}));
}

void Router::insert(std::shared_ptr<const Entry> entry) {
  Node* node = root_.get();
  for (const auto segment : segments_of(entry->path)) {
    auto& child = parameter_name(segment).empty() ? node->literals[std::string{segment}] : node->parameter;
    if (!child) child = std::make_unique<Node>();
    node = child.get();
  }
  auto& place = node->by_method[index_of(entry->method)];
  if (place) {
    throw Invalid{"route " + std::string{to_string(entry->method)} + ' ' + entry->path + ": there is " + place->path +
                  " already"};
  }
  place = entry;
  entries_.push_back(std::move(entry));
}

void Router::mount(std::string_view prefix, const Router& other) {
  if (!prefix.starts_with('/') || prefix.ends_with('/')) {
    throw Invalid{"mount '" + std::string{prefix} + "': a prefix begins with a slash and ends without one"};
  }
  for (const auto& entry : other.entries_) add(entry->method, std::string{prefix} + entry->path, entry->handler);
}

void Router::fallback(Handler handler) { fallback_ = std::move(handler); }

Response Router::operator()(Request& request) const {
  const bool is_encoded = !request.raw_path.empty();
  const std::string_view path = is_encoded ? request.raw_path : request.path;
  if (path == "*" && request.method == Method::options) return Response::empty(204);

  Search<Node, Entry> search{request.method};
  if (const Entry* entry = path.starts_with('/') ? search.find(*root_, path.substr(1), is_encoded) : nullptr) {
    request.route = entry->path;
    request.path_parameters.clear();
    for (std::size_t i = 0; i < entry->parameters.size(); ++i) {
      request.path_parameters.emplace_back(entry->parameters[i], search.values()[i]);
    }
    return entry->handler(request);
  }
  if (search.path_exists()) {
    if (request.method == Method::options) return Response::empty(204).with("Allow", search.allowed());
    return problem_of(405, std::string{to_string(request.method)} + " is not for " + request.path + ", which takes " +
                               search.allowed())
        .with("Allow", search.allowed());
  }
  if (fallback_ && (request.method == Method::get || request.method == Method::head)) return fallback_(request);
  return problem_of(404, "there is nothing at " + request.path);
}

std::vector<Router::Route> Router::routes() const {
  std::vector<Route> all;
  for (const auto& entry : entries_) all.push_back({entry->method, entry->path});
  return all;
}

}  // namespace tidemark::http
