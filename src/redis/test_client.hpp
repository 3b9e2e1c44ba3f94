// ClientTest: clients on a thread of their own, each test's body on a fiber of that; and scripts that answer by a
// function.
#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "fiber/io_thread.hpp"
#include "redis/client.hpp"
#include "redis/test_scripted_server.hpp"

namespace tidemark::redis {

inline Options options_of(const std::string& url) { return parse_url(url).value().options; }

class ClientTest : public ::testing::Test {
 protected:
  // A client that is closed, and gone, when the body has returned.
  void run(const Options& options, const std::function<void(Client&)>& body) {
    thread_.run("test", [&] {
      Client client{thread_, options};
      body(client);
      client.close();
      EXPECT_EQ(client.statistics().connections, 0u);
    });
  }
  Instant now() const { return thread_.loop().clock().instant(); }

  fiber::IoThread thread_{"client"};
};

// Greets, and then says to each request what `answer` does; when that is nothing, it closes the connection.
inline ScriptedServer::Script answering(std::function<std::string(const Words&)> answer) {
  return [answer = std::move(answer)](ScriptedServer::Peer& peer) {
    for (Words words = peer.request(); !words.empty(); words = peer.request()) {
      const std::string said = words[0] == "HELLO" ? std::string{HELLO_ANSWER} : answer(words);
      if (said.empty()) return;
      peer.say(said);
    }
  };
}

inline std::string bulk(const std::string& text) { return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n"; }

}  // namespace tidemark::redis
