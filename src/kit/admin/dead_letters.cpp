#include "kit/dead_letters.hpp"

#include <map>

#include "kit/admin/endpoints.hpp"

namespace tidemark::kit {
namespace {

struct PageQuery {
  std::optional<std::uint32_t> limit;
  std::optional<std::string> after;

  static Constraints<PageQuery> constraints() { return {{&PageQuery::limit, {.min = 1, .max = 500}}}; }
};
BOOST_DESCRIBE_STRUCT(PageQuery, (), (limit, after))

struct Letter {
  std::string id, event_id, error;
  std::uint32_t attempts;
  std::string time;
  std::map<std::string, std::string> fields;
};
BOOST_DESCRIBE_STRUCT(Letter, (), (id, event_id, error, attempts, time, fields))

struct RedriveWish {
  std::optional<std::map<std::string, std::string>> fields;
};
BOOST_DESCRIBE_STRUCT(RedriveWish, (), (fields))

struct Redriven {
  std::string redriven_as;
};
BOOST_DESCRIBE_STRUCT(Redriven, (), (redriven_as))

// Those of the handler that a request names.
DeadLetters letters_of(const AdminContext& context, const Request& request) {
  const auto& topic = request.path_parameter("topic");
  const auto& group = request.path_parameter("group");
  const auto handler = context.find_handler(topic, group);
  if (!handler) throw NotFound{"no handler of this process reads '" + topic + "' as '" + group + "'"};
  return {context.store, handler->placement()};
}

LetterId id_of(const Request& request) { return LetterId::parse(request.path_parameter("id")).or_raise(); }

Letter letter_of(const DeadLetter& letter) {
  Letter answer{letter.id.text(), letter.origin, letter.error, letter.attempts, letter.time, {}};
  for (const auto& [name, value] : letter.event) answer.fields.emplace(name, value);
  return answer;
}

List<Letter> list(const AdminContext& context, const PageQuery& query, const Request& request) {
  const auto limit = query.limit.value_or(50);
  const auto after = LetterId::parse(query.after.value_or("0-0")).or_raise();
  const auto letters = letters_of(context, request).list(after, limit).or_raise();
  List<Letter> answer;
  for (const auto& letter : letters) answer.items.push_back(letter_of(letter));
  if (letters.size() == limit) answer.next = letters.back().id.text();
  return answer;
}

Redriven redrive(const AdminContext& context, const RedriveWish& wish, const Request& request) {
  std::optional<model::Fields> edited;
  if (wish.fields) {
    edited.emplace();
    for (const auto& [name, value] : *wish.fields) edited->add(name, value);
  }
  return {letters_of(context, request).redrive(id_of(request), std::move(edited)).or_raise().text()};
}

}  // namespace

void add_dead_letter_endpoints(AdminRoutes& routes, AdminContext& context) {
  const std::string letters = "/dead-letters/{topic}/{group}";
  routes.family("dead letters");
  routes.get<PageQuery>(letters, "A page of a handler's dead letters, oldest first",
                        [&context](const PageQuery& query, Request& request) { return list(context, query, request); });
  routes.get(letters + "/{id}", "One dead letter", [&context](Request& request) {
    return letter_of(letters_of(context, request).get(id_of(request)).or_raise());
  });
  routes.post<RedriveWish>(
      letters + "/{id}/redrive", "Gives the event to the handler again, as it is or with other fields",
      [&context](const RedriveWish& wish, Request& request) { return redrive(context, wish, request); });
  routes.erase(letters + "/{id}", "Discards the event",
               [&context](Request& request) { letters_of(context, request).discard(id_of(request)).or_raise(); });
}

}  // namespace tidemark::kit
