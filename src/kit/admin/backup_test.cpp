// Backups, as an operator asks for them and sees them.
#include <gtest/gtest.h>

#include "kit/testing/test_admin.hpp"

namespace tidemark::kit {
namespace {

class AdminBackup : public ::testing::Test {
 protected:
  Service service_ = make_notes();
  AdminBench admin_{service_};
};

TEST_F(AdminBackup, SaysHowFarItIs) {
  EXPECT_EQ(admin_.get("/backup").body, R"({"underway":false,"done_bytes":0,"bytes":0})");
  admin_.store.underway = store::BackupProgress{.done_bytes = 3, .bytes = 7};
  EXPECT_EQ(admin_.get("/backup").body, R"({"underway":true,"done_bytes":3,"bytes":7})");
}

TEST_F(AdminBackup, IsAskedForWithABodyThatItUnderstands) {
  EXPECT_EQ(admin_.ask(Method::post, "/backup").status, 415) << "a page of another site can send no JSON";
  EXPECT_EQ(admin_.post("/backup", R"({"keep":-1})").status, 422);
  EXPECT_EQ(admin_.post("/backup", R"({"kep":1})").status, 422);
}

}  // namespace
}  // namespace tidemark::kit
