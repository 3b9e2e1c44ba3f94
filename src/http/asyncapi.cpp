#include "http/asyncapi.hpp"

#include <algorithm>

#include "json/schema.hpp"
#include "json/writer.hpp"

namespace tidemark::http {
namespace {

constexpr std::string_view EXTENSION = "x-tidemark";

// What every event is in beside its own members: docs/formats/events.md.
constexpr std::string_view EVENT_TRAIT =
    R"({"contentType":"application/json",)"
    R"("headers":{"type":"object","description":"CloudEvents 1.0 attributes, fields of the same stream entry; all are )"
    R"(optional on reading","properties":{)"
    R"("ce_id":{"type":"string","description":"the event's id, a ULID"},)"
    R"("ce_type":{"type":"string","description":"the name of the event's type"},)"
    R"("ce_source":{"type":"string","description":"a slash and the publishing service"},)"
    R"("ce_time":{"type":"string","format":"date-time"},)"
    R"("ce_subject":{"type":"string","description":"the key that orders the event"},)"
    R"("ce_traceparent":{"type":"string","description":"W3C Trace Context"}}},)"
    R"("correlationId":{"description":"The trace that the event belongs to","location":"$message.header#/ce_traceparent"}})";

// A token of a JSON Pointer (RFC 6901) within a URI fragment.
std::string pointer_token(std::string_view text) {
  static constexpr std::string_view HEX = "0123456789ABCDEF";
  static constexpr std::string_view PLAIN = "-._!$&'()*+,;=:@";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else if (is_letter || PLAIN.find(c) != PLAIN.npos) {
      out += c;
    } else {
      out.append({'%', HEX[byte >> 4], HEX[byte & 15]});
    }
  }
  return out;
}

void write_reference(json::Writer& out, const std::string& pointer) {
  out.begin_object().member("$ref", pointer).end_object();
}

// The messages of a channel by name: the event's type, numbered where two types of one name meet.
std::vector<std::string> message_names(const ChannelDescription& channel) {
  std::vector<std::string> names;
  for (const auto& message : channel.messages) {
    const std::string name{message.event->name.empty() ? std::string_view{"Event"} : message.event->name};
    std::string unused = name;
    for (int number = 2; std::ranges::find(names, unused) != names.end(); ++number)
      unused = name + std::to_string(number);
    names.push_back(std::move(unused));
  }
  return names;
}

class DocumentWriter {
 public:
  explicit DocumentWriter(const EventsDescription& events) : events_{events} {}

  std::string write() {
    out_.begin_object().member("asyncapi", "3.0.0");
    out_.key("info").begin_object().member("title", events_.title).member("version", events_.version);
    if (!events_.description.empty()) out_.member("description", events_.description);
    out_.end_object();
    out_.member("defaultContentType", "application/json");
    write_servers();
    out_.key("channels").begin_object();
    for (const auto& channel : events_.channels) write_channel(channel);
    out_.end_object().key("operations").begin_object();
    for (const auto& operation : events_.operations) write_operation(operation);
    out_.end_object().key("components").begin_object();
    out_.key("messageTraits").begin_object().raw_member("event", EVENT_TRAIT).end_object();
    out_.raw_member("schemas", schemas_.definitions()).end_object();
    out_.end_object();
    return std::move(out_).text();
  }

 private:
  void write_servers() {
    out_.key("servers").begin_object();
    for (const auto& server : events_.servers) {
      out_.key(server.name).begin_object().member("host", server.host).member("protocol", server.protocol);
      if (!server.description.empty()) out_.member("description", server.description);
      out_.end_object();
    }
    out_.end_object();
  }

  void write_channel(const ChannelDescription& channel) {
    out_.key(channel.address).begin_object().member("address", channel.address);
    if (!channel.description.empty()) out_.member("description", channel.description);
    if (!channel.servers.empty()) {
      out_.key("servers").begin_array();
      for (const auto& server : channel.servers) write_reference(out_, "#/servers/" + pointer_token(server));
      out_.end_array();
    }
    const auto names = message_names(channel);
    out_.key("messages").begin_object();
    for (std::size_t i = 0; i < names.size(); ++i) write_message(names[i], channel.messages[i], channel.has_attributes);
    out_.end_object();
    write_retention(channel);
    out_.end_object();
  }

  void write_message(const std::string& name, const MessageDescription& message, bool has_attributes) {
    out_.key(name).begin_object().member("name", name);
    out_.raw_member("payload", schemas_.add(*message.event));
    if (has_attributes) {
      out_.key("traits").begin_array();
      write_reference(out_, "#/components/messageTraits/event");
      out_.end_array();
    }
    if (!message.key.empty()) out_.key(EXTENSION).begin_object().member("key", message.key).end_object();
    out_.end_object();
  }

  void write_retention(const ChannelDescription& channel) {
    if (!channel.retention_age && !channel.retention_count && !channel.retention_bytes) return;
    out_.key(EXTENSION).begin_object().key("retention").begin_object();
    if (channel.retention_age) out_.member("age_ms", channel.retention_age->count());
    if (channel.retention_count) out_.member("count", *channel.retention_count);
    if (channel.retention_bytes) out_.member("bytes", *channel.retention_bytes);
    if (channel.drop_unacknowledged) out_.member("drop_unacknowledged", true);
    out_.end_object().end_object();
  }

  void write_operation(const OperationDescription& operation) {
    const std::string channel = "#/channels/" + pointer_token(operation.channel);
    out_.key(operation.id).begin_object().member("action", operation.receiving ? "receive" : "send");
    out_.key("channel");
    write_reference(out_, channel);
    if (!operation.summary.empty()) out_.member("summary", operation.summary);
    out_.key("tags").begin_array().begin_object().member("name", operation.service).end_object().end_array();
    write_messages(operation, channel);
    out_.key(EXTENSION).begin_object().member("service", operation.service);
    if (operation.receiving) write_receiving(*operation.receiving);
    out_.end_object().end_object();
  }

  void write_messages(const OperationDescription& operation, const std::string& channel) {
    if (operation.event == nullptr) return;
    const auto described = std::ranges::find(events_.channels, operation.channel, &ChannelDescription::address);
    if (described == events_.channels.end()) return;
    const auto message = std::ranges::find(described->messages, operation.event, &MessageDescription::event);
    if (message == described->messages.end()) return;
    const auto name = message_names(*described)[static_cast<std::size_t>(message - described->messages.begin())];
    out_.key("messages").begin_array();
    write_reference(out_, channel + "/messages/" + pointer_token(name));
    out_.end_array();
  }

  void write_receiving(const ReceivingDescription& receiving) {
    out_.member("group", receiving.group);
    out_.member("key", receiving.key.empty() ? std::string{"ce_subject"} : receiving.key);
    out_.key("retry").begin_object().member("attempts", receiving.attempts);
    out_.member("first_ms", receiving.first_retry.count()).member("at_most_ms", receiving.last_retry.count());
    out_.end_object();
    out_.member("deadline_ms", receiving.deadline.count()).member("concurrency", receiving.concurrency);
    out_.member("begins", receiving.from_now_on ? "with what is published from now on" : "with the oldest event");
    if (receiving.every_partition) out_.member("every_partition", true);
    if (!receiving.dead_letters.empty()) out_.member("dead_letters", receiving.dead_letters);
  }

  const EventsDescription& events_;
  json::Writer out_;
  json::SchemaRegistry schemas_;
};

}  // namespace

ChannelDescription& EventsDescription::channel(const std::string& address) {
  const auto known = std::ranges::find(channels, address, &ChannelDescription::address);
  return known != channels.end() ? *known : channels.emplace_back(ChannelDescription{.address = address});
}

std::string asyncapi_document(const EventsDescription& events) { return DocumentWriter{events}.write(); }

}  // namespace tidemark::http
