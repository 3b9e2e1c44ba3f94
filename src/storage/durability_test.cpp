#include <gtest/gtest.h>

#include "storage/storage.hpp"

namespace tidemark::storage {
namespace {

using Mode = Durability::Mode;

TEST(Durability, ReadsTheThreeModes) {
  EXPECT_EQ(Durability::parse("always").value().mode, Mode::always);
  EXPECT_EQ(Durability::parse("never").value().mode, Mode::never);
  const Durability interval = Durability::parse("interval=250").value();
  EXPECT_EQ(interval.mode, Mode::interval);
  EXPECT_EQ(interval.interval, std::chrono::milliseconds{250});
}

TEST(Durability, SaysWhatItMustBe) {
  for (const char* text : {"", "sometimes", "Always", "interval", "interval:5"}) {
    const auto parsed = Durability::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::invalid);
    EXPECT_NE(parsed.error().message.find("'interval=<milliseconds>'"), std::string::npos) << parsed.error().message;
  }
}

TEST(Durability, RefusesAnIntervalThatIsNoNumberOfMilliseconds) {
  for (const char* text : {"interval=", "interval=0", "interval=-1", "interval=1s", "interval=3600001"}) {
    const auto parsed = Durability::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_NE(parsed.error().message.find("from 1 to 3600000"), std::string::npos) << parsed.error().message;
  }
}

}  // namespace
}  // namespace tidemark::storage
