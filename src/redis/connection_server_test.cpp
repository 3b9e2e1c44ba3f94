// Connection, against redis-server: protocols, users, TLS.
#include <gtest/gtest.h>

#include "redis/test_certificates.hpp"
#include "redis/test_connection.hpp"
#include "redis/test_processes.hpp"

namespace tidemark::redis {
namespace {

using testing::RedisServer;
using testing::TestCertificates;

bool contains(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

TEST_F(ConnectionTest, speaks_resp3_and_resp2_with_redis) {
  const RedisServer server;
  for (const bool allow_resp3 : {true, false}) {
    options_.allow_resp3 = allow_resp3;
    options_.database = allow_resp3 ? 3 : 4;
    on_fiber([&] {
      Opened opened{thread_, server.endpoint(), options_};
      const std::string bytes{"a\r\n\0b", 5};
      EXPECT_EQ(summary(opened.ask(Command{"HSET", "hash", "name", bytes})), "");
      const resp::Value hash = opened.ask(Command{"HGETALL", "hash"}).value;
      EXPECT_EQ(hash.kind, allow_resp3 ? resp::Value::Kind::map : resp::Value::Kind::array);
      ASSERT_EQ(hash.items.size(), 2U);
      EXPECT_EQ(hash.items[1].text, bytes);
      EXPECT_TRUE(opened.ask(Command{"GET", "nothing"}).value.is_null());
      EXPECT_EQ(opened.ask(Command{"GET", "hash"}).value.error_code(), "WRONGTYPE");
      EXPECT_EQ(opened.ask(Command{"CLIENT", "GETNAME"}).value.text, "tidemark");
      EXPECT_TRUE(contains(opened.ask(Command{"CLIENT", "INFO"}).value.text, allow_resp3 ? "db=3" : "db=4"));
      EXPECT_EQ(opened.connection->greeting().protocol, allow_resp3 ? 3 : 2);
      EXPECT_EQ(opened.connection->greeting().version.empty(), !allow_resp3);
    });
  }
}

TEST_F(ConnectionTest, large_answers_come_whole) {
  const RedisServer server;
  on_fiber([&] {
    Opened opened{thread_, server.endpoint(), options_};
    const std::string large(5'000'000, 'x');
    EXPECT_EQ(summary(opened.ask(Command{"SET", "large", large})), "OK");
    std::vector<fiber::Completion<Outcome>> outcomes;
    for (int i = 0; i < 5; ++i) outcomes.push_back(opened.send(Command{"GET", "large"}));
    for (const auto& outcome : outcomes) EXPECT_TRUE(outcome.wait().value.text == large);
  });
}

TEST_F(ConnectionTest, a_database_that_is_not_there_is_named) {
  const RedisServer server;
  options_.database = 99;
  const Failure failure = failure_of(server.endpoint(), options_);
  EXPECT_EQ(failure.code, ErrorCode::invalid);
  EXPECT_TRUE(contains(failure.message, "can't use database 99")) << failure.text();
}

TEST_F(ConnectionTest, users_and_passwords_are_those_of_the_server) {
  const RedisServer server{{"requirepass secret", "user ann on >word ~ann:* +@all"}};
  for (const bool allow_resp3 : {true, false}) {
    options_.allow_resp3 = allow_resp3;
    options_.credentials = {"", "secret"};
    on_fiber([&] {
      Opened opened{thread_, server.endpoint(), options_};
      EXPECT_EQ(opened.ask(Command{"ACL", "WHOAMI"}).value.text, "default");
    });
    options_.credentials = {"ann", "word"};
    on_fiber([&] {
      Opened opened{thread_, server.endpoint(), options_};
      EXPECT_EQ(opened.ask(Command{"ACL", "WHOAMI"}).value.text, "ann");
      EXPECT_EQ(opened.ask(Command{"GET", "bob:1"}).value.error_code(), "NOPERM");
    });
    options_.credentials = {"ann", "other"};
    const Failure wrong = failure_of(server.endpoint(), options_);
    EXPECT_EQ(wrong.code, ErrorCode::unauthorized);
    EXPECT_TRUE(contains(wrong.message, "refuses the user or the password: WRONGPASS")) << wrong.text();
    EXPECT_FALSE(contains(wrong.text(), "other"));
    options_.credentials = {};
    const Failure none = failure_of(server.endpoint(), options_);
    EXPECT_EQ(none.code, ErrorCode::unauthorized);
    EXPECT_TRUE(contains(none.message, "asks for a password")) << none.text();
  }
}

TEST_F(ConnectionTest, a_user_without_rights_can_still_be_greeted) {
  const RedisServer server{{"user poor on >word ~* -@all +get"}};
  options_.credentials = {"poor", "word"};
  on_fiber([&] {
    Opened opened{thread_, server.endpoint(), options_};
    EXPECT_TRUE(opened.ask(Command{"GET", "key"}).value.is_null());
  });
}

class TlsTest : public ConnectionTest {
 protected:
  static void SetUpTestSuite() { certificates_ = std::make_unique<TestCertificates>(); }
  static void TearDownTestSuite() { certificates_.reset(); }

  std::string ping(const RedisServer& server, const std::string& host = "127.0.0.1") {
    std::string answer;
    on_fiber([&] {
      Opened opened{thread_, {host, server.port()}, options_};
      const Outcome outcome = opened.ask(Command{"PING"});
      answer = outcome.failure ? outcome.failure->text() : outcome.value.text;
    });
    return answer;
  }

  static inline std::unique_ptr<TestCertificates> certificates_;
};

TEST_F(TlsTest, carries_requests_and_large_answers) {
  const RedisServer server{certificates_->server_configuration(false)};
  options_.tls = certificates_->client_options();
  EXPECT_EQ(ping(server), "PONG");
  EXPECT_EQ(ping(server, "localhost"), "PONG");
  on_fiber([&] {
    Opened opened{thread_, server.endpoint(), options_};
    const std::string large(3'000'000, 'x');
    const auto set = opened.send(Command{"SET", "large", large});
    std::vector<fiber::Completion<Outcome>> outcomes;
    for (int i = 0; i < 3; ++i) outcomes.push_back(opened.send(Command{"GET", "large"}));
    EXPECT_EQ(summary(set.wait()), "OK");
    for (const auto& outcome : outcomes) EXPECT_TRUE(outcome.wait().value.text == large);
  });
}

TEST_F(TlsTest, trusts_only_the_authority_that_is_named) {
  const RedisServer server{certificates_->server_configuration(false)};
  options_.tls = certificates_->client_options();
  options_.tls->ca_file = certificates_->certificate("other_ca");
  const Failure failure = failure_of(server.endpoint(), options_);
  EXPECT_EQ(failure.code, ErrorCode::unauthorized);
  EXPECT_TRUE(contains(failure.message, "the server's certificate is not trusted")) << failure.text();
  EXPECT_TRUE(contains(failure.message, options_.tls->ca_file)) << failure.text();
  options_.tls->ca_file.clear();
  EXPECT_EQ(failure_of(server.endpoint(), options_).code, ErrorCode::unauthorized)
      << "the system does not know it either";
}

TEST_F(TlsTest, trusts_a_certificate_only_for_the_names_in_it) {
  const RedisServer server{certificates_->server_configuration(false)};
  options_.tls = certificates_->client_options();
  options_.tls->server_name = "redis.example.com";
  const Failure failure = failure_of(server.endpoint(), options_);
  EXPECT_EQ(failure.code, ErrorCode::unauthorized);
  EXPECT_TRUE(contains(failure.message, "another name than 'redis.example.com'")) << failure.text();
  options_.tls->server_name = "localhost";
  EXPECT_EQ(ping(server), "PONG");
}

TEST_F(TlsTest, shows_who_we_are_where_the_server_asks) {
  const RedisServer server{certificates_->server_configuration(true)};
  options_.tls = certificates_->client_options("client");
  EXPECT_EQ(ping(server), "PONG");

  options_.tls = certificates_->client_options();
  const Failure none = failure_of(server.endpoint(), options_);
  EXPECT_EQ(none.code, ErrorCode::unauthorized) << none.text();
  EXPECT_TRUE(contains(none.message, "asks for a client's certificate")) << none.text();

  options_.tls = certificates_->client_options("other_client");
  const Failure other = failure_of(server.endpoint(), options_);
  EXPECT_EQ(other.code, ErrorCode::unauthorized) << other.text();
  EXPECT_TRUE(contains(other.message, "does not accept the client's certificate")) << other.text();
}

TEST_F(TlsTest, files_that_cannot_be_used_are_named) {
  options_.tls = Tls{.ca_file = "/nowhere/ca.pem"};
  const Failure no_file = failure_of({"127.0.0.1", 1}, options_);
  EXPECT_EQ(no_file.code, ErrorCode::invalid);
  EXPECT_TRUE(contains(no_file.message, "/nowhere/ca.pem")) << no_file.text();
  options_.tls = certificates_->client_options("client");
  options_.tls->key_file = certificates_->key("server");
  EXPECT_EQ(failure_of({"127.0.0.1", 1}, options_).code, ErrorCode::invalid) << "a key of another certificate";
  options_.tls->key_file.clear();
  EXPECT_EQ(failure_of({"127.0.0.1", 1}, options_).code, ErrorCode::invalid) << "a certificate without its key";
}

TEST_F(TlsTest, the_wrong_kind_of_port_is_told) {
  const RedisServer plain, secure{certificates_->server_configuration(false)};
  const Failure plain_to_secure = failure_of(secure.endpoint(), options_);
  EXPECT_TRUE(contains(plain_to_secure.message, "rediss://")) << plain_to_secure.text();
  options_.tls = certificates_->client_options();
  options_.connect_timeout = Duration{200};  // redis-server waits for the rest of what it takes for a command
  const Failure secure_to_plain = failure_of(plain.endpoint(), options_);
  EXPECT_TRUE(contains(secure_to_plain.message, "does the server speak it on this port?")) << secure_to_plain.text();
}

}  // namespace
}  // namespace tidemark::redis
