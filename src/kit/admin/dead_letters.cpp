// Dead letters: what failed and why, and what to do about one, or about all of one error.
#include "kit/dispatch/dead_letters.hpp"

#include <algorithm>
#include <map>

#include "fiber/fiber.hpp"
#include "json/json.hpp"
#include "kit/admin/endpoints.hpp"
#include "kit/admin/error_groups.hpp"
#include "kit/admin/group_place.hpp"
#include "kit/groups/letters_sweep.hpp"
#include "kit/groups/rehearsal.hpp"
#include "telemetry/log.hpp"

namespace tidemark::kit {
namespace {

constexpr std::uint32_t PAGE = 500;
// Letters of one group that are looked at for one answer: for what they failed with, and for those of one error.
constexpr std::uint64_t LOOKED_AT_MAX = 10'000;
constexpr std::uint64_t LOOKED_AT_IN_ALL_GROUPS = 50'000;
// Different errors of one group that are counted: about 1 MB of text.
constexpr std::size_t ERRORS_MAX = 1'000;
constexpr std::size_t PAGE_BYTES_MAX = 4 << 20;  // 4 MiB of fields; the page ends behind the letter that passes it

using FieldMap = std::map<std::string, std::string>;

struct ErrorCount {
  std::string error;
  std::uint64_t count;
  std::string first, last;
};
BOOST_DESCRIBE_STRUCT(ErrorCount, (), (error, count, first, last))

struct LetterGroup {
  std::string topic, group;
  std::optional<std::string> service;
  std::uint64_t count;
  std::uint64_t looked_at;  // so many of them, the oldest ones, are counted in `errors`
  bool errors_exact;        // else each count is "at least", and there may be other errors
  std::vector<ErrorCount> errors;
};
BOOST_DESCRIBE_STRUCT(LetterGroup, (), (topic, group, service, count, looked_at, errors_exact, errors))

struct PageQuery {
  std::optional<std::uint32_t> limit;
  std::optional<std::string> after, error;

  static Constraints<PageQuery> constraints() { return {{&PageQuery::limit, {.min = 1, .max = PAGE}}}; }
};
BOOST_DESCRIBE_STRUCT(PageQuery, (), (limit, after, error))

struct Letter {
  std::string id, event_id, error;
  std::uint32_t attempts;
  std::string time;
  std::optional<std::string> type, key, trace_id;
  FieldMap fields;
};
BOOST_DESCRIBE_STRUCT(Letter, (), (id, event_id, error, attempts, time, type, key, trace_id, fields))

struct EditedEvent {
  std::optional<FieldMap> fields;
};
BOOST_DESCRIBE_STRUCT(EditedEvent, (), (fields))

struct Redriven {
  std::string redriven_as;
};
BOOST_DESCRIBE_STRUCT(Redriven, (), (redriven_as))

struct DiscardWish {
  std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(DiscardWish, (), (reason))

struct SweepWish {
  std::optional<std::string> error, reason;
  std::optional<double> rate_per_s;
  std::optional<std::uint64_t> limit;

  static Constraints<SweepWish> constraints() {
    return {{&SweepWish::rate_per_s, {.min = 0.01, .max = 100'000}}, {&SweepWish::limit, {.min = 1}}};
  }
};
BOOST_DESCRIBE_STRUCT(SweepWish, (), (error, reason, rate_per_s, limit))

struct Progress {
  std::uint64_t done, of, failed;
  std::optional<std::string> error;  // of the last one that failed, or what ended it
};
BOOST_DESCRIBE_STRUCT(Progress, (), (done, of, failed, error))

struct TriedEvent {
  std::string topic;
  std::optional<std::string> type, key;
  std::optional<TimePoint> due;  // of a timer
  FieldMap fields;
};
BOOST_DESCRIBE_STRUCT(TriedEvent, (), (topic, type, key, due, fields))

struct TriedDocument {
  std::string collection, id;
  std::optional<Json> before, after;
};
BOOST_DESCRIBE_STRUCT(TriedDocument, (), (collection, id, before, after))

struct Trial {
  std::string outcome;  // "ok", "error"
  std::optional<std::string> error;
  bool stopped_at_durable;
  std::uint64_t effects;  // left for after the commit, and not called
  std::vector<TriedEvent> publishes;
  std::vector<TriedDocument> documents;
};
BOOST_DESCRIBE_STRUCT(Trial, (), (outcome, error, stopped_at_durable, effects, publishes, documents))

GroupPlace place_of(AdminContext& context, const Request& request) {
  return GroupPlace::find(context, {request.path_parameter("topic"), request.path_parameter("group")});
}

LetterId id_of(const Request& request) { return LetterId::parse(request.path_parameter("id")).or_raise(); }

FieldMap map_of(const model::Fields& fields) {
  FieldMap map;
  for (const auto& [name, value] : fields) map.emplace(name, value);
  return map;
}

model::Fields fields_of(const FieldMap& map) {
  model::Fields fields;
  for (const auto& [name, value] : map) fields.add(name, value);
  return fields;
}

std::optional<std::string> text_in(const model::Fields& fields, std::string_view name) {
  const auto value = fields.find(name);
  return value ? std::optional{std::string{*value}} : std::nullopt;
}

Letter letter_of(const GroupPlace& place, const DeadLetter& letter) {
  Letter answer{.id = letter.id.text(),
                .event_id = letter.origin,
                .error = letter.error,
                .attempts = letter.attempts,
                .time = letter.time,
                .type = text_in(letter.event, "ce_type"),
                .fields = map_of(letter.event)};
  if (place.handler())
    answer.key = place.placement().key_of(letter.event);
  else
    answer.key = text_in(letter.event, "ce_subject");
  if (const auto trace = telemetry::TraceContext::parse(letter.event.find("ce_traceparent").value_or("")))
    answer.trace_id = trace->trace.text();
  return answer;
}

// Whether a letter is one of those that `error` names: by the text of its group, or by its own.
bool is_of(const DeadLetter& letter, const std::string& error) {
  return letter.error == error || error_group(letter.error) == error;
}

// --- Looking ---

// Those behind `after`, oldest first, `count` at once, until `see` says that it wants no more. True when there are no
// more. Others of this thread get to run in between.
template <class See>
bool each_letter(DeadLetters& letters, LetterId after, std::uint32_t count, const See& see) {
  for (;;) {
    const auto page = letters.list(after, count).or_raise();
    if (page.empty()) return true;
    for (const auto& letter : page)
      if (!see(letter)) return false;
    after = page.back().id;
    this_fiber::yield();
  }
}

// What letters failed with, as far as the bounds allow.
class ErrorCounts {
 public:
  void add(const DeadLetter& letter) {
    auto error = error_group(letter.error);
    auto known = counts_.find(error);
    if (known == counts_.end()) {
      all_ = all_ && counts_.size() < ERRORS_MAX;
      if (!all_) return;
      known = counts_.emplace(error, ErrorCount{error, 0, letter.time, letter.time}).first;
    }
    ++known->second.count;
    known->second.first = std::min(known->second.first, letter.time);
    known->second.last = std::max(known->second.last, letter.time);
  }
  // Whether none was left out.
  bool all() const { return all_; }
  std::vector<ErrorCount> most_frequent_first() && {
    std::vector<ErrorCount> errors;
    for (auto& [error, count] : counts_) errors.push_back(std::move(count));
    std::ranges::stable_sort(errors, std::greater{}, &ErrorCount::count);
    return errors;
  }

 private:
  std::map<std::string, ErrorCount> counts_;
  bool all_ = true;
};

LetterGroup grouped(AdminContext& context, const GroupName& name, const std::vector<model::TopicInfo>& topics,
                    std::uint64_t looked_at_max) {
  const GroupPlace place{context, name, topics};
  auto letters = place.dead_letters();
  LetterGroup answer{.topic = name.topic, .group = name.group, .count = letters.count().or_raise(), .looked_at = 0};
  if (!place.service().empty()) answer.service = place.service();
  ErrorCounts errors;
  const bool at_end = each_letter(letters, {}, PAGE, [&](const DeadLetter& letter) {
    if (answer.looked_at == looked_at_max) return false;
    ++answer.looked_at;
    errors.add(letter);
    return true;
  });
  answer.errors_exact = at_end && errors.all();
  answer.errors = std::move(errors).most_frequent_first();
  return answer;
}

List<LetterGroup> all(AdminContext& context) {
  const auto topics = context.store.topics().or_raise();
  const auto names = groups_with_dead_letters(context, topics);
  const auto share = LOOKED_AT_IN_ALL_GROUPS / std::max<std::uint64_t>(names.size(), 1);
  List<LetterGroup> answer;
  for (const auto& name : names)
    answer.items.push_back(grouped(context, name, topics, std::clamp<std::uint64_t>(share, PAGE, LOOKED_AT_MAX)));
  return answer;
}

List<Letter> page_of(AdminContext& context, const PageQuery& query, const Request& request) {
  const auto place = place_of(context, request);
  auto letters = place.dead_letters();
  const auto limit = query.limit.value_or(50);
  auto last = place_after<LetterId>(query.after).value_or(LetterId{});
  List<Letter> answer;
  std::uint64_t looked_at = 0;
  std::size_t bytes = 0;
  const bool at_end = each_letter(letters, last, query.error ? PAGE : limit, [&](const DeadLetter& letter) {
    last = letter.id;
    ++looked_at;
    if (!query.error || is_of(letter, *query.error)) {
      answer.items.push_back(letter_of(place, letter));
      bytes += letter.event.bytes().size();
    }
    return answer.items.size() < limit && looked_at < LOOKED_AT_MAX && bytes < PAGE_BYTES_MAX;
  });
  if (!at_end) answer.next = last.text();
  return answer;
}

// --- Doing ---

Redriven redrive(AdminContext& context, const EditedEvent& edited, const Request& request) {
  const auto place = place_of(context, request);
  place.check_redrivable();
  std::optional<model::Fields> fields;
  if (edited.fields) fields = fields_of(*edited.fields);
  const auto id = place.dead_letters().redrive(id_of(request), std::move(fields)).or_raise();
  log::info("a dead letter was redriven", {{"topic", place.name().topic},
                                           {"group", place.name().group},
                                           {"letter", request.path_parameter("id")},
                                           {"edited", edited.fields.has_value()},
                                           {"peer", request.peer}});
  return {id.text()};
}

void discard(AdminContext& context, const DiscardWish& wish, const Request& request) {
  const auto place = place_of(context, request);
  auto letters = place.dead_letters();
  const auto letter = letters.get(id_of(request)).or_raise();
  letters.discard(letter.id).or_raise();
  log::warn("a dead letter was discarded", {{"topic", place.name().topic},
                                            {"group", place.name().group},
                                            {"letter", letter.id.text()},
                                            {"event", letter.event.find("ce_id").value_or(letter.origin)},
                                            {"error", letter.error},
                                            {"reason", wish.reason.value_or("")},
                                            {"peer", request.peer}});
}

Trial trial_of(Rehearsal rehearsal) {
  Trial trial{.outcome = rehearsal.error ? "error" : "ok",
              .error = std::move(rehearsal.error),
              .stopped_at_durable = rehearsal.stopped_at_durable,
              .effects = rehearsal.effects};
  const auto add = [&](const std::string& topic, const model::Fields& fields, std::optional<TimePoint> due) {
    trial.publishes.push_back({.topic = topic,
                               .type = text_in(fields, "ce_type"),
                               .key = text_in(fields, "ce_subject"),
                               .due = due,
                               .fields = map_of(fields)});
  };
  for (const auto& publication : rehearsal.publications) add(publication.topic, publication.fields, std::nullopt);
  for (const auto& timer : rehearsal.timers)
    if (timer.due) add(timer.topic, timer.fields, timer.due);
  const auto json = [](std::optional<std::string>& text) {
    return text ? std::optional{Json{std::move(*text)}} : std::nullopt;
  };
  for (auto& document : rehearsal.documents)
    trial.documents.push_back({.collection = document.collection,
                               .id = document.id,
                               .before = json(document.before),
                               .after = json(document.after)});
  return trial;
}

Trial try_out(AdminContext& context, const EditedEvent& edited, const Request& request) {
  const auto place = place_of(context, request);
  if (!place.handler())
    throw Conflict{"no handler of this process reads '" + place.name().topic + "' as '" + place.name().group +
                   "': ask a process of its service"};
  auto letters = place.dead_letters();
  const auto letter = letters.get(id_of(request)).or_raise();
  const auto origin = StreamId::parse(letter.origin);
  RehearsedEvent event{.fields = edited.fields ? fields_of(*edited.fields) : letter.event,
                       .origin = origin ? *origin : letter.id.id};
  event.partition = letters.partition_of(letter, event.fields);
  return trial_of(rehearse(place.handler()->service.runtime, place.handler()->spec, event));
}

std::string progress_json(const SweepProgress& progress, std::optional<std::string> error = std::nullopt) {
  if (!error && progress.failed > 0) error = progress.last_error;
  return json::to_json(Progress{progress.done, progress.of, progress.failed, std::move(error)}).or_raise();
}

// Ends when the client goes.
EventSource sweep(AdminContext& context, const SweepWish& wish, const Request& request, bool discards) {
  const auto place = place_of(context, request);
  if (!discards) place.check_redrivable();
  return [&context, place, wish, peer = request.peer, discards](EventWriter& out) {
    auto letters = place.dead_letters();
    LettersSweep::Wish wanted{.wanted = {}, .per_s = wish.rate_per_s, .limit = wish.limit};
    if (wish.error) wanted.wanted = [&](const DeadLetter& letter) { return is_of(letter, *wish.error); };
    SweepProgress progress;
    const auto act = [&](DeadLetters& of, LetterId id) -> Result<void> {
      if (discards) return of.discard(id);
      const auto redriven = of.redrive(id);
      if (!redriven) return redriven.error();
      return {};
    };
    const auto report = [&](const SweepProgress& now) {
      progress = now;
      out.send("progress", {}, progress_json(now));
    };
    const auto note = [&] {
      log::warn(discards ? "dead letters were discarded" : "dead letters were redriven",
                {{"topic", place.name().topic},
                 {"group", place.name().group},
                 {"count", progress.done},
                 {"error", wish.error.value_or("")},
                 {"reason", wish.reason.value_or("")},
                 {"peer", peer}});
    };
    try {
      const auto swept = LettersSweep{letters, context.clock}.run(wanted, act, report);
      if (swept) progress = *swept;
      note();
      out.send("end", {}, progress_json(progress, swept ? std::nullopt : std::optional{swept.error().text()}));
    } catch (const Error&) {
      note();
      throw;
    }
  };
}

}  // namespace

void add_dead_letter_endpoints(AdminRoutes& routes, AdminContext& context) {
  const std::string of_group = "/dead-letters/{topic}/{group}", one = of_group + "/{id}";
  routes.family("dead letters");
  routes.get("/dead-letters", "All groups with dead letters, and what these failed with",
             [&context](Request&) { return all(context); });
  routes.get<PageQuery>(
      of_group, "A page of a group's dead letters, oldest first",
      [&context](const PageQuery& query, Request& request) { return page_of(context, query, request); });
  routes.get(one, "One dead letter", [&context](Request& request) {
    const auto place = place_of(context, request);
    return letter_of(place, place.dead_letters().get(id_of(request)).or_raise());
  });
  routes.post<EditedEvent>(
      one + "/redrive", "Gives the event to the handler again, as it is or with other fields",
      [&context](const EditedEvent& edited, Request& request) { return redrive(context, edited, request); });
  routes.post<EditedEvent>(
      one + "/try", "Runs the handler on the event, as it is or with other fields, and commits nothing",
      [&context](const EditedEvent& edited, Request& request) { return try_out(context, edited, request); });
  routes.erase<DiscardWish>(one, "Discards the event",
                            [&context](const DiscardWish& wish, Request& request) { discard(context, wish, request); });
  routes.post<SweepWish>(
      of_group + "/redrive", "Redrives all letters, or those of one error; tells how far it has come",
      [&context](const SweepWish& wish, Request& request) { return sweep(context, wish, request, false); });
  routes.post<SweepWish>(
      of_group + "/discard", "Discards all letters, or those of one error; tells how far it has come",
      [&context](const SweepWish& wish, Request& request) { return sweep(context, wish, request, true); });
}

}  // namespace tidemark::kit
