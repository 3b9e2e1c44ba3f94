#include "kit/setup/settings.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <map>

namespace tidemark::kit {
namespace {

class ReadSettings : public testing::Test {
 protected:
  Result<std::variant<Settings, PrintAndExit>> read(const std::vector<std::string>& arguments) {
    return read_settings(program_, arguments, variables_);
  }
  Settings settings(const std::vector<std::string>& arguments) {
    auto result = read(arguments);
    EXPECT_TRUE(result) << result.error().text();
    return std::get<Settings>(result.value());
  }
  std::string error(const std::vector<std::string>& arguments) {
    const auto result = read(arguments);
    return result ? "no error" : result.error().text();
  }
  std::string file(const std::string& text) {
    const std::string path = testing::TempDir() + "settings_test.toml";
    std::ofstream{path} << text;
    return path;
  }

  Environment variables_;
  Program program_{.name = "inventory", .about = "Keeps the products", .ports = {{"inventory", 8000}}};
};

TEST_F(ReadSettings, HasDefaultsThatNeedNothing) {
  const auto given = settings({});
  EXPECT_EQ(given.store, "embedded:./data");
  EXPECT_EQ(given.bind, "127.0.0.1");
  EXPECT_EQ(given.ports.at("inventory"), 8000);
}

TEST_F(ReadSettings, PrefersFlagsToVariablesAndVariablesToTheFile) {
  const auto path = file("port = 1\nbind = \"127.0.0.2\"\nlog-level = \"debug\"\n");
  variables_ = {{"TIDEMARK_PORT", "2"}, {"TIDEMARK_BIND", "127.0.0.3"}};
  const auto given = settings({"--config", path, "--port", "3"});
  EXPECT_EQ(given.ports.at("inventory"), 3);
  EXPECT_EQ(given.bind, "127.0.0.3");
  EXPECT_EQ(given.log_level, "debug");
}

TEST_F(ReadSettings, NamesTheWrongKeyOfTheFileAndTheOneThatWasMeant) {
  const auto path = file("# a comment\nprot = 8000\n");
  EXPECT_EQ(error({"--config", path}), path + ":2: prot: is no setting; did you mean 'port'?");
}

TEST_F(ReadSettings, NamesTheFileAndLineOfBadToml) {
  const auto path = file("port = 8000\nbind = \n");
  EXPECT_NE(error({"--config", path}).find(path + ":2"), std::string::npos) << error({"--config", path});
}

// A folder read as an empty file: a wrong path went unnoticed, and the defaults applied.
TEST_F(ReadSettings, RefusesAFolderForAFile) {
  const auto folder = testing::TempDir();
  EXPECT_EQ(error({"--config", folder}), folder + ": is a folder; name a TOML file");
}

TEST_F(ReadSettings, NamesTheVariableOrFlagThatIsWrong) {
  variables_ = {{"TIDEMARK_PORT", "http"}};
  EXPECT_EQ(error({}), "TIDEMARK_PORT: expected a number from 0 to 65535, got \"http\"");
  variables_.clear();
  EXPECT_EQ(error({"--port", "70000"}), "--port: expected a number from 0 to 65535, got \"70000\"");
  EXPECT_EQ(error({"--log-level", "loud"}),
            "--log-level: expected one of trace, debug, info, warn, error, off, got \"loud\"");
}

TEST_F(ReadSettings, NamesTheWrongStoreAndAddressByTheirPlace) {
  EXPECT_EQ(error({"--store", "embedded:./data?none=1"}).find("--store: store URL: none: no such option"), 0u)
      << error({"--store", "embedded:./data?none=1"});
  EXPECT_EQ(error({"--config", file("store = \"foo:bar\"\n")}).find(file("store = \"foo:bar\"\n") + ":1: store"), 0u);
  variables_ = {{"TIDEMARK_BIND", "nowhere"}};
  EXPECT_EQ(error({}), "TIDEMARK_BIND: expected an IP address to listen on, as 127.0.0.1 or ::, got \"nowhere\"");
  variables_ = {{"TIDEMARK_BIND", "::1"}};
  EXPECT_EQ(settings({}).bind, "::1");
}

TEST_F(ReadSettings, TakesTheNumberOfPartitionsFromEverySource) {
  EXPECT_EQ(settings({}).partitions, 1);
  EXPECT_EQ(settings({"--config", file("partitions = 8\n")}).partitions, 8);
  variables_ = {{"TIDEMARK_PARTITIONS", "16"}};
  EXPECT_EQ(settings({}).partitions, 16);
  EXPECT_EQ(settings({"--partitions", "1024"}).partitions, 1024);
  for (const auto* wrong : {"0", "1025", "many"})
    EXPECT_EQ(error({"--partitions", wrong}),
              "--partitions: expected a number from 1 to 1024, got \"" + std::string{wrong} + "\"");
}

TEST_F(ReadSettings, TakesTheTokenOfTheAdminApiFromEverySource) {
  EXPECT_EQ(settings({}).admin_token, "");
  EXPECT_EQ(settings({"--admin-token", "s3cret"}).admin_token, "s3cret");
  EXPECT_EQ(settings({"--admin-token-file", file("from-a-file\r\nanother line\n")}).admin_token, "from-a-file");
  variables_["TIDEMARK_ADMIN_TOKEN"] = "from-the-environment";
  EXPECT_EQ(settings({}).admin_token, "from-the-environment");
}

TEST_F(ReadSettings, RefusesATokenThatNoHeaderCouldCarryAndDoesNotShowIt) {
  EXPECT_NE(error({"--admin-token-file", "/no/such/file"}).find("--admin-token-file"), std::string::npos);
  EXPECT_NE(error({"--admin-token-file", file("")}).find("--admin-token-file"), std::string::npos);
  EXPECT_NE(error({"--admin-token", ""}).find("--admin-token"), std::string::npos);
  for (const auto* bad : {"two words", "line\nbreak", "\xc3\xa9"}) {
    const auto refusal = error({"--admin-token", bad});
    EXPECT_NE(refusal.find("--admin-token"), std::string::npos) << refusal;
    EXPECT_EQ(refusal.find(bad), std::string::npos) << refusal;
  }
}

TEST_F(ReadSettings, TakesWhereTracesGoAndHowManyOfThem) {
  EXPECT_EQ(settings({}).otlp_endpoint, "");
  EXPECT_EQ(settings({}).trace_sample, 0.01);
  EXPECT_EQ(settings({"--otlp-endpoint", "http://collector:4318"}).otlp_endpoint, "http://collector:4318");
  EXPECT_EQ(settings({"--config", file("trace-sample = 0.25\n")}).trace_sample, 0.25);
  EXPECT_EQ(settings({"--config", file("trace-sample = 1\n")}).trace_sample, 1);
  variables_["TIDEMARK_OTLP_ENDPOINT"] = "http://127.0.0.1";
  EXPECT_EQ(settings({"--trace-sample", "0"}).otlp_endpoint, "http://127.0.0.1");
  EXPECT_NE(error({"--otlp-endpoint", "https://collector:4318"}).find("over http:// only"), std::string::npos);
  for (const auto* wrong : {"1.5", "-0.1", "some", "", "nan", "0.5x"})
    EXPECT_NE(error({"--trace-sample", wrong}).find("expected a number from 0 to 1"), std::string::npos) << wrong;
}

TEST_F(ReadSettings, RefusesUnknownFlagsAndNamesTheOneThatWasMeant) {
  EXPECT_EQ(error({"--prot", "1"}), "--prot: is no flag; did you mean '--port'?");
  EXPECT_EQ(error({"--port", "1", "--log-lvl=debug"}), "--log-lvl: is no flag; did you mean '--log-level'?");
  EXPECT_EQ(error({"--replication-factor", "1"}), "--replication-factor: is no flag; --help lists them");
  EXPECT_EQ(error({"serve"}), "serve: is not expected here; settings are flags (--help lists them)");
}

// A misspelt variable was ignored, and the default applied.
TEST_F(ReadSettings, TellsOfVariablesThatAreNoSettings) {
  variables_ = {{"TIDEMARK_PROT", "1"}, {"TIDEMARK_DURABILITY", "never"}, {"TIDEMARK_CONFIG", file("")}};
  EXPECT_EQ(settings({}).unknown_variables,
            (std::vector<std::string>{"TIDEMARK_DURABILITY", "TIDEMARK_PROT (did you mean TIDEMARK_PORT?)"}));
  variables_ = {{"TIDEMARK_LOG_LEVEL", "debug"}, {"TIDEMARK_PAYMENTS_PORT", "8001"}};
  EXPECT_EQ(settings({}).unknown_variables, std::vector<std::string>{}) << "another program's port is none of ours";
}

TEST_F(ReadSettings, FindsTheVariablesOfTheProcess) {
  ASSERT_EQ(::setenv("TIDEMARK_FOR_THIS_TEST", "a=b", 1), 0);
  const auto found = tidemark_environment();
  ::unsetenv("TIDEMARK_FOR_THIS_TEST");
  EXPECT_EQ(found.at("TIDEMARK_FOR_THIS_TEST"), "a=b");
  EXPECT_FALSE(found.contains("PATH"));
}

TEST_F(ReadSettings, GivesEachOfSeveralServicesItsPort) {
  program_ = {.name = "shop", .ports = {{"inventory", 8000}, {"payments", 8001}}};
  const auto given = settings({"--payments-port", "9001"});
  EXPECT_EQ(given.ports.at("inventory"), 8000);
  EXPECT_EQ(given.ports.at("payments"), 9001);
}

TEST_F(ReadSettings, ExplainsItself) {
  const auto result = read({"--help"});
  ASSERT_TRUE(result);
  const auto& text = std::get<PrintAndExit>(*result).text;
  for (const auto* part : {"--store", "redis+cluster://", "--partitions", "--port", "TIDEMARK_LOG_LEVEL",
                           "Keeps the products", "/docs", "(embedded:./data)", "(127.0.0.1)", "(info)", "(1048576)"})
    EXPECT_NE(text.find(part), std::string::npos) << part << " is not in:\n" << text;
}

TEST_F(ReadSettings, SplitsOrigins) {
  EXPECT_EQ(settings({"--cors-origins", "https://a.example,https://b.example"}).cors_origins,
            (std::vector<std::string>{"https://a.example", "https://b.example"}));
}

}  // namespace
}  // namespace tidemark::kit
