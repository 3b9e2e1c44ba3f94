// DocumentLocation: where a document that an endpoint makes is found from then on, for the Location header of its 201
// (RFC 9110, 10.2.2).
#pragma once
#include <string>
#include <string_view>

#include "kit/service/spec.hpp"

namespace tidemark::kit {

class DocumentLocation {
 public:
  // What EndpointOptions::location() says. Throws Invalid where no GET endpoint of the service has that path.
  DocumentLocation(const detail::ServiceSpec& service, const detail::EndpointSpec& endpoint);

  bool known() const { return !path_.empty(); }
  // The path of the document with this id, below whatever prefix the request came by.
  std::string of(const Request& request, std::string_view id) const;

 private:
  std::string path_;  // with parameters, of which the last is the id; empty when not known
  std::size_t endpoint_path_size_;
};

}  // namespace tidemark::kit
