#include "kit/admin/context.hpp"

namespace tidemark::kit {

std::vector<AdminHandler> AdminContext::handlers() const {
  std::vector<AdminHandler> all;
  for (const auto& service : services)
    for (const auto& handler : service.spec.handlers) all.push_back({service, handler});
  return all;
}

std::optional<AdminHandler> AdminContext::find_handler(std::string_view topic, std::string_view group) const {
  for (const auto& service : services)
    for (const auto& handler : service.spec.handlers)
      if (handler.topic == topic && handler.group == group) return AdminHandler{service, handler};
  return std::nullopt;
}

const TypeInfo* AdminContext::event_of(std::string_view topic) const {
  for (const auto& service : services)
    for (const auto& declared : service.spec.topics)
      if (declared.name == topic) return declared.event;
  for (const auto& service : services)
    for (const auto& handler : service.spec.handlers)
      if (handler.topic == topic) return handler.event;
  return nullptr;
}

}  // namespace tidemark::kit
