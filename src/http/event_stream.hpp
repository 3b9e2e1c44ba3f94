// EventStream: server-sent events over a connection (the WHATWG's HTML standard, 9.2.5).
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/session.hpp"
#include "tidemark/http.hpp"

namespace tidemark::http {

class Connection;

// Appends one event; an empty part is left out. `invalid` for a line break in the name or the id: it would be a field.
Result<void> append_event(std::string& out, std::string_view event, std::string_view id, std::string_view data);
void append_comment(std::string& out, std::string_view text);

class EventStream final : public EventWriter {
 public:
  EventStream(Connection& connection, Session::Ticket ticket) : connection_{connection}, ticket_{ticket} {}
  void send(std::string_view event, std::string_view id, std::string_view data) override;
  void comment(std::string_view text) override;

 private:
  Connection& connection_;
  const Session::Ticket ticket_;
};

}  // namespace tidemark::http
