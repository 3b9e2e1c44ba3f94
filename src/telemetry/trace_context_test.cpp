#include "telemetry/trace_context.hpp"

#include <gtest/gtest.h>

#include <set>

namespace tidemark::telemetry {
namespace {

constexpr std::string_view EXAMPLE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceContext, ReadsAndWritesTheRecommendationsExample) {
  const auto context = TraceContext::parse(EXAMPLE);
  ASSERT_TRUE(context);
  EXPECT_EQ(context->trace.text(), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(context->span.text(), "00f067aa0ba902b7");
  EXPECT_TRUE(context->sampled);
  EXPECT_EQ(Traceparent{*context}.view(), EXAMPLE);
}

TEST(TraceContext, KnowsOfTheFlagsOnlyThatOneIsSampled) {
  EXPECT_FALSE(TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00")->sampled);
  EXPECT_FALSE(TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-fe")->sampled);
  EXPECT_TRUE(TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff")->sampled);
}

TEST(TraceContext, TakesALaterVersionByWhatItKnowsOfIt) {
  const auto later = TraceContext::parse("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what.the.future.has");
  ASSERT_TRUE(later);
  EXPECT_EQ(Traceparent{*later}.view(), EXAMPLE);
  EXPECT_TRUE(TraceContext::parse("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
}

TEST(TraceContext, RefusesWhatTheRecommendationCallsInvalid) {
  for (const std::string_view wrong : {
           "", "00",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",       // no flags
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",     // half of them
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",  // version 00 has no more
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 ",   // nor a space
           "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.x",  // a later version's dash is missing
           "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",    // the version that never is
           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",    // capitals
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00F067AA0BA902B7-01",    //
           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",    // no trace
           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",    // no span
           "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",    // no digit
           "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",    // no dashes
           "0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",    // no version
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",    // no flags
           "00-4bf92f3577b34da6a3ce929d0e0e47-3600f067aa0ba902b7-01-0",  // dashes in the wrong places
       })
    EXPECT_FALSE(TraceContext::parse(wrong)) << wrong;
}

TEST(TraceContext, GivesEachChildASpanOfItsOwnInTheSameTrace) {
  const TraceContext parent{TraceId::random(), SpanId::random(), true};
  std::set<SpanId> spans{parent.span};
  for (int i = 0; i < 1000; ++i) {
    const auto child = parent.child();
    EXPECT_EQ(child.trace, parent.trace);
    EXPECT_TRUE(child.sampled);
    EXPECT_TRUE(spans.insert(child.span).second);
    EXPECT_EQ(TraceContext::parse(Traceparent{child}.view()), child);
  }
}

TEST(TraceId, IsTheSameForTheSameText) {
  EXPECT_EQ(TraceId::derived_from("1700000000000-0"), TraceId::derived_from("1700000000000-0"));
  EXPECT_NE(TraceId::derived_from("1700000000000-0"), TraceId::derived_from("1700000000000-1"));
  EXPECT_TRUE(TraceId::derived_from(""));
}

TEST(Sampler, SamplesItsRatioOfAllTraces) {
  const Sampler none{0}, tenth{0.1}, all{1};
  int sampled = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto trace = TraceId::random();
    EXPECT_FALSE(none.samples(trace));
    EXPECT_TRUE(all.samples(trace));
    sampled += tenth.samples(trace) ? 1 : 0;
  }
  // The standard deviation of 20,000 draws at a tenth is 42: ten of them.
  EXPECT_NEAR(sampled, 2000, 420);
}

}  // namespace
}  // namespace tidemark::telemetry
