// tidemark topics, tail, publish: what is in the topics.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "json/json.hpp"
#include "tidemark/commands.hpp"
#include "tidemark/table.hpp"
#include "tidemark/target.hpp"

namespace tidemark::cli {
namespace {

const std::string TOPICS = "/admin/v1/topics";

void show_topics(const Tool& tool, const std::string& answer) {
  say_table(tool,
            {{"TOPIC", "name"},
             {"KIND", "kind"},
             {"EVENTS", "length", Shown::number},
             {"SIZE", "bytes", Shown::bytes},
             {"GROUPS", "groups", Shown::number},
             {"PER S", "events_per_s", Shown::number},
             {"LAST", "last_time", Shown::time}},
            items_of(answer), "there are no topics: nothing has been published, and no service has been started");
}

struct TailFlags {
  std::string topic, key, type, from, to, text;
  bool follow = false;
  std::uint32_t limit = 20;

  std::vector<std::pair<std::string, std::string>> filters() const {
    return {{"key", key}, {"type", type}, {"from", from}, {"to", to}, {"text", text}};
  }
  std::string path(const std::string& what) const { return TOPICS + "/" + encoded(topic) + what; }
};

void say_entry(const Tool& tool, const Members& entry) {
  std::string line = text_of(entry, "time") + "  " + text_of(entry, "id") + "  " + text_of(entry, "type") + "  " +
                     text_of(entry, "key") + " ";
  for (const auto& [name, value] : members_of(text_of(entry, "fields")))
    if (!name.starts_with("ce_")) line += " " + name + "=" + text_of({{name, value}}, name);
  tool.say(line);
}

void give_entry(const Tool& tool, const std::string& json) {
  tool.json() ? tool.give(json) : say_entry(tool, members_of(json));
}

// Those that there are: the newest ones, or from a time on. A page ends early where many entries are not like that.
Result<std::vector<Json>> read_entries(AdminClient& admin, const TailFlags& flags) {
  std::vector<Json> entries;
  std::string after;
  do {
    auto query = flags.filters();
    query.emplace_back("limit", std::to_string(flags.limit - entries.size()));
    query.emplace_back("order", flags.from.empty() ? "newest" : "oldest");
    query.emplace_back("after", after);
    const auto answer = admin.ask({.path = flags.path("/entries") + query_of(query)});
    if (!answer) return answer.error();
    const auto list = members_of(*answer);
    const auto page = json::from_json<std::vector<Json>>(text_of(list, "items"));
    if (!page) return page.error();
    std::ranges::copy(*page, std::back_inserter(entries));
    after = text_of(list, "next");
  } while (!after.empty() && entries.size() < flags.limit);
  if (flags.from.empty()) std::ranges::reverse(entries);
  return entries;
}

// Prints them, oldest first. Returns the id behind which what comes is to be followed.
Result<std::string> tail_backlog(const Tool& tool, AdminClient& admin, const TailFlags& flags) {
  const auto topic = admin.ask({.path = flags.path("")});
  if (!topic) return topic.error();
  const auto entries = read_entries(admin, flags);
  if (!entries) return entries.error();
  for (const auto& entry : *entries) give_entry(tool, entry.text);
  if (!entries->empty()) return text_of(members_of(entries->back().text), "id");
  if (!flags.follow) tool.say("no entries are like that");
  const auto last = text_of(members_of(*topic), "last_id");
  return last.empty() ? "0-0" : last;
}

int tail(const Tool& tool, AdminClient& admin, const TailFlags& flags) {
  if (flags.follow && !admin.is_running())
    return tool.failed(fail(ErrorCode::invalid, "nothing comes to a directory at rest; follow a process", "--follow"));
  const auto last = tail_backlog(tool, admin, flags);
  if (!last) return tool.failed(last.error());
  if (!flags.follow) return DONE;
  const auto followed = admin.follow({.path = flags.path("/tail") + query_of(flags.filters()), .last_event_id = *last},
                                     [&](const StreamEvent& event) {
                                       if (event.name == "entry") give_entry(tool, event.data);
                                       std::cout.flush();
                                       return static_cast<bool>(std::cout);
                                     });
  return followed ? DONE : tool.failed(followed.error());
}

struct PublishFlags {
  std::string topic, data, key, type;
};

// The data's text, "@FILE" or "-" for what is read.
Result<std::string> read_data(const std::string& data) {
  std::ostringstream text;
  if (data == "-") {
    text << std::cin.rdbuf();
  } else if (data.starts_with('@')) {
    const std::ifstream file{data.substr(1)};
    if (!file) return fail(ErrorCode::not_found, "this file can't be read", data.substr(1));
    text << file.rdbuf();
  } else {
    return data;
  }
  return text.str();
}

int publish(const Tool& tool, AdminClient& admin, const PublishFlags& flags) {
  const auto data = read_data(flags.data);
  if (!data) return tool.failed(data.error());
  if (const auto valid = json::validate(*data); !valid) return tool.failed(valid.error());
  json::Writer body;
  body.begin_object();
  if (!flags.key.empty()) body.member("key", flags.key);
  if (!flags.type.empty()) body.member("type", flags.type);
  body.raw_member("data", *data).end_object();
  return ask_and_show(
      tool, admin, {.method = "POST", .path = TOPICS + "/" + encoded(flags.topic) + "/entries", .body = body.text()},
      [&](const std::string& answer) { tool.say("published as " + text_of(members_of(answer), "id")); });
}

}  // namespace

void add_topics(CLI::App& app, Tool& tool) {
  add_asking(app, tool, "topics", "lists the topics", [&tool](AdminClient& admin) {
    return ask_and_show(tool, admin, {.path = TOPICS}, [&](const std::string& answer) { show_topics(tool, answer); });
  });

  const auto seen = std::make_shared<TailFlags>();
  auto& tail_command = add_asking(app, tool, "tail", "prints a topic's newest entries, or those from a time on",
                                  [&tool, seen](AdminClient& admin) { return tail(tool, admin, *seen); });
  tail_command.add_option("topic", seen->topic, "the topic")->required();
  tail_command.add_flag("-f,--follow", seen->follow, "go on with what comes");
  tail_command.add_option("-n,--limit", seen->limit, "at most so many of those that there are; 20")
      ->check(CLI::Range(1, 500));
  tail_command.add_option("--from", seen->from, "from this time on: 2026-01-31T12:00:00Z")->type_name("TIME");
  tail_command.add_option("--to", seen->to, "before this time")->type_name("TIME");
  tail_command.add_option("--key", seen->key, "only those with this key");
  tail_command.add_option("--type", seen->type, "only those of this type");
  tail_command.add_option("--text", seen->text, "only those with this text in a field");

  const auto made = std::make_shared<PublishFlags>();
  auto& publish_command = add_asking(app, tool, "publish", "publishes an event",
                                     [&tool, made](AdminClient& admin) { return publish(tool, admin, *made); });
  publish_command.add_option("topic", made->topic, "the topic")->required();
  publish_command.add_option("data", made->data, "the event as a JSON object; @FILE, or - for the standard input")
      ->required();
  publish_command.add_option("--key", made->key, "its key, where the event does not say it");
  publish_command.add_option("--type", made->type, "its type, where the topic is not known here");
}

}  // namespace tidemark::cli
