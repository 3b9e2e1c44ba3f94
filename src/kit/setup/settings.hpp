// Settings of a process: from flags, over environment variables TIDEMARK_*, over a TOML file, over defaults.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "kit/monitor/recorder.hpp"
#include "tidemark/time.hpp"

namespace tidemark::kit {

struct Settings {
  std::string store = "embedded:./data";
  std::string backups;  // the folder for backups; empty: <data directory>.backups
  std::string bind = "127.0.0.1";
  std::map<std::string, std::uint16_t> ports;  // by service
  std::uint16_t partitions = 1;                // of each service
  std::uint32_t threads = 0;                   // I/O threads; 0: one for each core
  std::string log_level = "info";
  std::string log_format = "text";
  Duration drain{10'000};
  std::size_t body_bytes_max = 1 << 20;  // 1 MiB
  std::vector<std::string> cors_origins;
  std::size_t recorder_bytes = Recorder::BYTES_STANDARD;  // for the memory of runs; 0: none are remembered
  std::string otlp_endpoint;                              // where traces are exported to; empty: nowhere
  double trace_sample = 0.01;                             // the part of the traces that begin here which is exported
  std::string admin_token;  // who sends it may use the admin API; empty: see docs/admin-api.md. Never shown
  // Variables that are called like settings and are none, each with the one that was meant, where that is clear.
  std::vector<std::string> unknown_variables;
};

// What the settings are for: the program and its services, with the ports that they have by default.
struct Program {
  std::string name;
  std::string about;
  struct Port {
    std::string service;
    std::uint16_t standard;
  };
  std::vector<Port> ports;
};

// The text that --help and --version print instead of running.
struct PrintAndExit {
  std::string text;
};

// Environment variables by their names.
using Environment = std::map<std::string, std::string, std::less<>>;

// Those of this process whose names begin with TIDEMARK_. No thread may change the environment meanwhile.
Environment tidemark_environment();

// With one service its port is `port`, with several `<service>-port`. Errors (`invalid`) name the flag, the variable or
// the file and key that is wrong, and what it may be.
Result<std::variant<Settings, PrintAndExit>> read_settings(const Program& program,
                                                           const std::vector<std::string>& arguments,
                                                           const Environment& environment);

}  // namespace tidemark::kit
