#include <algorithm>
#include <charconv>
#include <functional>
#include <utility>

#include "redis/options.hpp"

namespace tidemark::redis {
namespace {

constexpr std::uint16_t SENTINEL_PORT = 26'379;

struct Scheme {
  std::string_view name;
  Options::Topology topology;
  bool tls;
};
constexpr Scheme SCHEMES[] = {
    {"redis://", Options::Topology::standalone, false},
    {"rediss://", Options::Topology::standalone, true},
    {"redis+sentinel://", Options::Topology::sentinel, false},
    {"rediss+sentinel://", Options::Topology::sentinel, true},
    {"redis+cluster://", Options::Topology::cluster, false},
    {"rediss+cluster://", Options::Topology::cluster, true},
};

const Scheme* scheme_of(std::string_view url) {
  const auto* scheme = std::find_if(std::begin(SCHEMES), std::end(SCHEMES),
                                    [url](const Scheme& candidate) { return url.starts_with(candidate.name); });
  return scheme == std::end(SCHEMES) ? nullptr : scheme;
}

Failure wrong(std::string part, std::string message) {
  return fail(ErrorCode::invalid, std::move(message), "the store's URL, " + std::move(part));
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<std::string> percent_decoded(std::string_view text, const std::string& part) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high < 0 ? -1 : hex_digit(text[i + 2]);
    if (low < 0) return wrong(part, "'%' must be followed by two hexadecimal digits; a '%' itself is written %25");
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

template <class Number>
Result<Number> number_in(std::string_view text, Number least, Number most, const std::string& part) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < least || number > most) {
    return wrong(
        part, "'" + std::string{text} + "' is no number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return number;
}

// "host", "host:port", "[::1]", "[::1]:port".
Result<Endpoint> read_endpoint(std::string_view text, std::uint16_t default_port) {
  const std::string part = "host '" + std::string{text} + "'";
  Endpoint endpoint{.host = {}, .port = default_port};
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return wrong(part, "an IPv6 address is written [::1]; the ']' is missing");
    endpoint.host = text.substr(1, close - 1);
    rest = text.substr(close + 1);
    if (!rest.empty() && rest[0] != ':') return wrong(part, "after ']' there may only be ':' and a port");
  } else {
    const std::size_t colon = text.find(':');
    if (colon != text.rfind(':')) return wrong(part, "an IPv6 address is written in brackets, [::1]:6379");
    endpoint.host = text.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view{} : text.substr(colon);
  }
  if (endpoint.host.empty()) return wrong(part, "there is no host; write one like 127.0.0.1:6379");
  if (!rest.empty()) {
    auto port = number_in<std::uint32_t>(rest.substr(1), 1, 65'535, "port of '" + std::string{text} + "'");
    TIDEMARK_TRY(port);
    endpoint.port = static_cast<std::uint16_t>(*port);
  }
  return endpoint;
}

Result<void> read_hosts(std::string_view text, Options& options) {
  const std::uint16_t port = options.topology == Options::Topology::sentinel ? SENTINEL_PORT : Endpoint{}.port;
  for (;;) {
    const std::size_t comma = text.find(',');
    auto endpoint = read_endpoint(text.substr(0, comma), port);
    TIDEMARK_TRY(endpoint);
    options.seeds.push_back(*std::move(endpoint));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  if (options.topology == Options::Topology::standalone && options.seeds.size() > 1) {
    return wrong("hosts", "one server has one host; several are for redis+sentinel:// and redis+cluster://");
  }
  return {};
}

// "user:password" or ":password".
Result<void> read_credentials(std::string_view text, Credentials& credentials) {
  const std::size_t colon = text.find(':');
  auto user = percent_decoded(text.substr(0, colon), "user");
  TIDEMARK_TRY(user);
  auto password = percent_decoded(colon == std::string_view::npos ? "" : text.substr(colon + 1), "password");
  TIDEMARK_TRY(password);
  if (password->empty()) return wrong("user", "there is no password; write user:password@ or :password@");
  credentials = {.user = *std::move(user), .password = *std::move(password)};
  return {};
}

Result<void> read_database(std::string_view text, Options& options) {
  if (text.empty()) return {};
  auto database = number_in<std::uint32_t>(text, 0, 1'000'000, "database");
  TIDEMARK_TRY(database);
  if (options.topology == Options::Topology::cluster && *database != 0) {
    return wrong("database", "a cluster has only database 0");
  }
  options.database = *database;
  return {};
}

// The path, without its first '/': "<database>", and for sentinels "<master>" or "<master>/<database>".
Result<void> read_path(std::string_view path, Options& options) {
  if (options.topology != Options::Topology::sentinel) return read_database(path, options);
  const std::size_t slash = path.find('/');
  auto master = percent_decoded(path.substr(0, slash), "master");
  TIDEMARK_TRY(master);
  if (master->empty()) {
    return wrong("path", "the master's name is missing; write it behind the sentinels, …:26379/mymaster");
  }
  options.master = *std::move(master);
  return read_database(slash == std::string_view::npos ? "" : path.substr(slash + 1), options);
}

using SetParameter = Result<void> (*)(Options& options, std::string value);

template <std::string Tls::*Member>
Result<void> set_tls(Options& options, std::string value) {
  if (!options.tls) return fail(ErrorCode::invalid, "it is for TLS; begin the URL with rediss");
  (*options.tls).*Member = std::move(value);
  return {};
}

template <Duration Options::*Member>
Result<void> set_duration(Options& options, std::string value) {
  auto ms = number_in<std::int64_t>(value, 1, 3'600'000, "milliseconds");
  TIDEMARK_TRY(ms);
  options.*Member = Duration{*ms};
  return {};
}

Result<void> set_protocol(Options& options, std::string value) {
  if (value != "2" && value != "3") return fail(ErrorCode::invalid, "it may be 2 or 3");
  options.allow_resp3 = value == "3";
  return {};
}

Result<void> set_connections(Options& options, std::string value) {
  auto connections = number_in<std::uint32_t>(value, 1, 64, "connections");
  TIDEMARK_TRY(connections);
  options.connections = *connections;
  return {};
}

template <std::string Credentials::*Member>
Result<void> set_sentinel_credential(Options& options, std::string value) {
  if (options.topology != Options::Topology::sentinel) {
    return fail(ErrorCode::invalid, "it is for URLs that begin with redis+sentinel:// or rediss+sentinel://");
  }
  options.sentinel_credentials.*Member = std::move(value);
  return {};
}

constexpr std::pair<std::string_view, SetParameter> PARAMETERS[] = {
    {"ca", set_tls<&Tls::ca_file>},
    {"cert", set_tls<&Tls::cert_file>},
    {"key", set_tls<&Tls::key_file>},
    {"server_name", set_tls<&Tls::server_name>},
    {"protocol", set_protocol},
    {"connections", set_connections},
    {"connect_timeout", set_duration<&Options::connect_timeout>},
    {"request_timeout", set_duration<&Options::request_timeout>},
    {"sentinel_user", set_sentinel_credential<&Credentials::user>},
    {"sentinel_password", set_sentinel_credential<&Credentials::password>},
};

Result<void> set_parameter(std::string name, std::string value, ParsedUrl& parsed) {
  const auto* known = std::find_if(std::begin(PARAMETERS), std::end(PARAMETERS),
                                   [&name](const auto& parameter) { return parameter.first == name; });
  if (known == std::end(PARAMETERS)) {
    if (!parsed.parameters.emplace(name, std::move(value)).second) {
      return wrong("parameter '" + name + "'", "it is given twice");
    }
    return {};
  }
  if (const auto set = known->second(parsed.options, std::move(value)); !set) {
    return wrong("parameter '" + name + "'", set.error().message);
  }
  return {};
}

Result<void> read_query(std::string_view query, ParsedUrl& parsed) {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = pair.find('=');
    auto name = percent_decoded(pair.substr(0, equals), "parameters");
    TIDEMARK_TRY(name);
    auto value =
        percent_decoded(equals == std::string_view::npos ? "" : pair.substr(equals + 1), "parameter '" + *name + "'");
    TIDEMARK_TRY(value);
    if (!name->empty()) TIDEMARK_TRY(set_parameter(*std::move(name), *std::move(value), parsed));
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
  }
  if (parsed.options.tls && parsed.options.tls->cert_file.empty() != parsed.options.tls->key_file.empty()) {
    return wrong("parameters 'cert' and 'key'", "a certificate needs its key and a key its certificate; give both");
  }
  return {};
}

}  // namespace

std::string Endpoint::text() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string url_parameters() {
  std::string list;
  for (const auto& [name, set] : PARAMETERS) list.append(list.empty() ? "" : ", ").append(name);
  return list;
}

bool is_redis_url(std::string_view url) { return scheme_of(url) != nullptr; }

Result<ParsedUrl> parse_url(std::string_view url) {
  const Scheme* scheme = scheme_of(url);
  if (scheme == nullptr) {
    return wrong("scheme", "it may begin with redis://, redis+sentinel://, redis+cluster://, or the same with rediss");
  }
  ParsedUrl parsed;
  parsed.options.topology = scheme->topology;
  if (scheme->tls) parsed.options.tls.emplace();

  std::string_view rest = url.substr(scheme->name.size());
  const std::size_t question = rest.find('?');
  const std::string_view query = question == std::string_view::npos ? "" : rest.substr(question + 1);
  rest = rest.substr(0, question);
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    TIDEMARK_TRY(read_credentials(rest.substr(0, at), parsed.options.credentials));
    rest.remove_prefix(at + 1);
  }
  const std::size_t slash = rest.find('/');
  TIDEMARK_TRY(read_hosts(rest.substr(0, slash), parsed.options));
  TIDEMARK_TRY(read_path(slash == std::string_view::npos ? "" : rest.substr(slash + 1), parsed.options));
  TIDEMARK_TRY(read_query(query, parsed));
  return parsed;
}

std::string without_passwords(std::string_view url) {
  constexpr std::string_view BLOT = "***";
  std::string out{url};
  const std::size_t hosts = out.find("://") == std::string::npos ? 0 : out.find("://") + 3;
  // The last '@' of all, so that a password with a '?' that should have been encoded does not show either.
  if (const std::size_t at = out.rfind('@'); at != std::string::npos && at > hosts) {
    if (const std::size_t colon = out.find(':', hosts); colon < at) out.replace(colon + 1, at - colon - 1, BLOT);
  }
  for (std::size_t from = out.find("password="); from != std::string::npos; from = out.find("password=", from)) {
    from += std::string_view{"password="}.size();
    const std::size_t end = std::min(out.find('&', from), out.size());
    out.replace(from, end - from, BLOT);
  }
  return out;
}

}  // namespace tidemark::redis
