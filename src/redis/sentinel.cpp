#include "redis/sentinel.hpp"

#include <algorithm>
#include <utility>

#include "telemetry/log.hpp"

namespace tidemark::redis {
namespace {

Options options_for_sentinels(Options options) {
  options.credentials = options.sentinel_credentials;
  options.database = 0;
  return options;
}

}  // namespace

SentinelTopology::SentinelTopology(Nodes& nodes)
    : nodes_{nodes},
      sentinel_options_{options_for_sentinels(nodes.options())},
      sentinels_{nodes.options().seeds},
      discovery_{nodes, "redis-sentinel", [this] { return look(); }},
      watch_{nodes.thread().loop(), [this] { look_again(nullptr); }} {}

void SentinelTopology::look_again(const Endpoint* /*doubted*/) {
  watch_.arm(nodes_.now() + LOOK_EVERY);
  discovery_.start();
}

void SentinelTopology::close() {
  watch_.cancel();
  discovery_.close();
}

std::vector<Endpoint> SentinelTopology::masters() const {
  return master_ ? std::vector<Endpoint>{*master_} : std::vector<Endpoint>{};
}

Failure SentinelTopology::why_unknown(std::string_view /*key*/) const {
  return discovery_.failure().value_or(
      fail(ErrorCode::unavailable, "the sentinels were not asked yet", "master '" + nodes_.options().master + "'"));
}

Result<void> SentinelTopology::look() {
  std::optional<Failure> last;
  for (std::size_t i = 0; i < sentinels_.size(); ++i) {
    const Endpoint sentinel = sentinels_[i];
    const auto named = ask(sentinel);
    if (!named) {
      last = worse(std::move(last), named.error());
      continue;
    }
    if (const auto verified = verify(*named); !verified) {
      last = worse(std::move(last), verified.error());
      continue;
    }
    std::rotate(sentinels_.begin(), sentinels_.begin() + static_cast<std::ptrdiff_t>(i),
                sentinels_.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    adopt(*named);
    return {};
  }
  return *std::move(last);
}

void SentinelTopology::adopt(const Endpoint& named) {
  if (master_ != named) {
    log::info("redis: master", {{"master", nodes_.options().master}, {"server", named.text()}});
    const bool is_first = !master_;
    master_ = named;
    if (!is_first) nodes_.raise_epoch();
  }
  nodes_.keep_only({named});
}

// The address that a sentinel has for the master.
Result<Endpoint> SentinelTopology::ask(const Endpoint& sentinel) {
  const std::string about = "sentinel " + sentinel.text();
  Connection connection{nodes_.thread(), sentinel, sentinel_options_, {}, &nodes_.traffic()};
  struct Closing {
    Connection& connection;
    ~Closing() { connection.close(); }
  };
  Exchange exchange;
  const Closing closing{connection};
  const std::string& master = nodes_.options().master;
  exchange.send(connection, Command{"SENTINEL", "GET-MASTER-ADDR-BY-NAME", master},
                nodes_.now() + nodes_.options().connect_timeout, nodes_.counters());
  auto address = value_of(exchange.wait(), about);
  TIDEMARK_TRY(address);
  if (address->is_null()) {
    return fail(ErrorCode::unavailable, "it watches no master called '" + master + "'; is the name in the URL right?",
                about);
  }
  const auto is_port = [](const std::string& text) {
    return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == std::string::npos;
  };
  if (address->items.size() != 2 || !is_port(address->items[1].text)) {
    return fail(ErrorCode::unavailable, "it answered something else than an address; is it a sentinel?", about);
  }
  return Endpoint{address->items[0].text, static_cast<std::uint16_t>(std::stoul(address->items[1].text))};
}

Result<void> SentinelTopology::verify(const Endpoint& named) {
  const auto role = nodes_.ask(named, Command{"ROLE"}, nodes_.now() + nodes_.options().connect_timeout);
  TIDEMARK_TRY(role);
  if (role->items.empty() || role->items[0].text != "master") {
    return fail(ErrorCode::unavailable, "the sentinels name it as the master, but it is not one (yet)", named.text());
  }
  return {};
}

}  // namespace tidemark::redis
