#include "redis/test_processes.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <fstream>
#include <istream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace tidemark::redis::testing {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;

constexpr auto START_AT_MOST = 30s;
constexpr auto ANSWER_AT_MOST = 10s;
constexpr int PORTS_TO_TRY = 5;  // somebody else may take a free port first

std::filesystem::path make_directory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "tidemark-redis-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"can't make the directory " + pattern};
  return pattern;
}

// Reads one value of RESP2, by other code than the one under test.
resp::Value read_value(std::istream& in) {
  using Kind = resp::Value::Kind;
  std::string line;
  if (!std::getline(in, line) || line.size() < 2) throw std::runtime_error{"the server gave no answer"};
  line.pop_back();  // '\r'
  const std::string rest = line.substr(1);
  resp::Value value;
  switch (line[0]) {
    case '+':
    case '-':
      value.kind = line[0] == '+' ? Kind::simple_string : Kind::error;
      value.text = rest;
      break;
    case ':':
      value.kind = Kind::integer;
      value.number = std::stoll(rest);
      break;
    case '$':
      if (rest == "-1") break;
      value.kind = Kind::bulk_string;
      value.text.resize(std::stoul(rest) + 2);  // ignore() of the line's end would wait for what follows it
      in.read(value.text.data(), static_cast<std::streamsize>(value.text.size()));
      value.text.resize(value.text.size() - 2);
      break;
    case '*':
      if (rest == "-1") break;
      value.kind = Kind::array;
      for (std::size_t count = std::stoul(rest); count > 0; --count) value.items.push_back(read_value(in));
      break;
    default: throw std::runtime_error{"not an answer of RESP2: " + line};
  }
  return value;
}

}  // namespace

bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds limit) {
  const auto give_up_at = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > give_up_at) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

RedisServer::RedisServer(const std::vector<std::string>& configuration, Role role)
    : role_{role}, directory_{make_directory()} {
  for (const std::string& line : configuration) {
    if (line.starts_with("requirepass ")) password_ = line.substr(line.find(' ') + 1);
    if (line == "port 0") speaks_tls_only_ = true;
    if (line.starts_with("tls-port ") && !line.ends_with("$PORT"))
      tls_port_ = static_cast<std::uint16_t>(std::stoul(line.substr(line.find(' '))));
  }
  for (int attempt = 0; attempt < PORTS_TO_TRY; ++attempt) {
    port_ = free_port();
    write_configuration(configuration);
    if (spawn()) return;
  }
  const std::string last_words = log();
  std::filesystem::remove_all(directory_);
  throw std::runtime_error{"redis-server does not start: " + last_words};
}

RedisServer::~RedisServer() {
  end();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void RedisServer::write_configuration(const std::vector<std::string>& lines) const {
  std::ofstream out{directory_ / "redis.conf"};
  out << "bind 127.0.0.1\nport " << port_ << "\ndir " << directory_.string() << "\nlogfile " << directory_.string()
      << "/log\n";
  if (role_ == Role::server) out << "save \"\"\nappendonly no\nenable-debug-command yes\n";
  for (std::string line : lines) {
    for (const auto& [name, value] :
         {std::pair{"$PORT", std::to_string(port_)}, std::pair{"$DIRECTORY", directory_.string()}}) {
      const std::string_view placeholder{name};
      for (std::size_t at = line.find(placeholder); at != std::string::npos; at = line.find(placeholder)) {
        line.replace(at, placeholder.size(), value);
      }
    }
    out << line << '\n';
  }
}

// False when it ended by itself, as it does when somebody else has the port.
bool RedisServer::spawn() {
  const std::string configuration = (directory_ / "redis.conf").string();
  const pid_t parent = getpid();
  const bool on_main_thread = gettid() == parent;
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error{"can't fork a process for redis-server"};
  if (pid_ == 0) {
    // It is told of the end of the thread that forked it, so only the one that lasts will do.
    if (on_main_thread) prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    const int nowhere = open("/dev/null", O_RDWR);
    for (const int stream : {0, 1, 2}) dup2(nowhere, stream);
    execlp("redis-server", "redis-server", configuration.c_str(), role_ == Role::sentinel ? "--sentinel" : nullptr,
           nullptr);
    _exit(127);
  }
  bool ended = false;
  const bool ready = eventually(
      [&] {
        ended = waitpid(pid_, nullptr, WNOHANG) == pid_;
        return ended || is_ready();
      },
      START_AT_MOST);
  if (ended) pid_ = 0;
  if (!ready) end();
  return running();
}

bool RedisServer::is_ready() const {
  try {
    if (!speaks_tls_only_) return ask(Command{"PING"}).error_code() != "LOADING";
    tcp::iostream stream;
    stream.expires_after(ANSWER_AT_MOST);
    stream.connect("127.0.0.1", std::to_string(port_));
    return static_cast<bool>(stream);
  } catch (const std::exception&) {
    return false;
  }
}

std::string RedisServer::log() const {
  std::ostringstream text;
  text << std::ifstream{directory_ / "log"}.rdbuf();
  constexpr std::size_t KEPT = 2000;
  return text.str().size() > KEPT ? text.str().substr(text.str().size() - KEPT) : text.str();
}

void RedisServer::end() {
  if (!running()) return;
  ::kill(pid_, SIGKILL);  // a stopped process ends by it, too
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void RedisServer::kill() { end(); }

void RedisServer::start() {
  if (running()) return;
  if (!eventually([this] { return spawn(); }, START_AT_MOST)) {
    throw std::runtime_error{"redis-server does not start again: " + log()};
  }
}

void RedisServer::pause() { ::kill(pid_, SIGSTOP); }
void RedisServer::resume() { ::kill(pid_, SIGCONT); }

resp::Value RedisServer::ask(const Command& command) const {
  tcp::iostream stream;
  stream.expires_after(ANSWER_AT_MOST);
  stream.connect("127.0.0.1", std::to_string(port_));
  if (!stream) throw std::runtime_error{"can't connect to redis-server on port " + std::to_string(port_)};
  std::string request;
  if (!password_.empty()) Command{"AUTH", password_}.write(request);
  command.write(request);
  stream << request << std::flush;
  if (!password_.empty()) read_value(stream);
  return read_value(stream);
}

resp::Value RedisServer::tell(const Command& command) const {
  resp::Value answer = ask(command);
  if (answer.is_error()) throw std::runtime_error{std::string{command.name()} + ": " + answer.text};
  return answer;
}

}  // namespace tidemark::redis::testing
