#include "redis/command.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace tidemark::redis {
namespace {

std::string written(const Command& command) {
  std::string out;
  command.write(out);
  return out;
}

TEST(Command, IsWrittenAsAnArrayOfBulkStrings) {
  EXPECT_EQ(written(Command{"PING"}), "*1\r\n$4\r\nPING\r\n");
  EXPECT_EQ(written(Command{"SET", "key", ""}), "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$0\r\n\r\n");
}

TEST(Command, TakesArgumentsOneByOneAndAtOnce) {
  Command command{"XADD", "orders", "*"};
  command << "name" << std::string{"a value"};
  EXPECT_EQ(written(command), written(Command{"XADD", "orders", "*", "name", "a value"}));
}

TEST(Command, CarriesAnyBytesAndNumbers) {
  const std::string bytes{"\0\r\n$3\xff", 6};
  EXPECT_EQ(written(Command{"SET", bytes, 42}), "*3\r\n$3\r\nSET\r\n$6\r\n" + bytes + "\r\n$2\r\n42\r\n");
  EXPECT_EQ(written(Command{"INCRBY", std::numeric_limits<std::int64_t>::min()}),
            "*2\r\n$6\r\nINCRBY\r\n$20\r\n-9223372036854775808\r\n");
}

TEST(Command, IsAppendedToWhatIsThere) {
  std::string out = "before";
  Command{"PING"}.write(out);
  EXPECT_EQ(out, "before*1\r\n$4\r\nPING\r\n");
}

TEST(Command, KnowsItsNameItsKeyAndWhetherItMayBeRepeated) {
  Command command{"GET", "a"};
  EXPECT_EQ(command.name(), "GET");
  EXPECT_EQ(command.key(), "");
  EXPECT_FALSE(command.is_repeatable());
  command.at("a").repeatable();
  EXPECT_EQ(command.key(), "a");
  EXPECT_TRUE(command.is_repeatable());
}

}  // namespace
}  // namespace tidemark::redis
