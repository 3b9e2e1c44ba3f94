#include "redis/test_certificates.hpp"

#include <stdlib.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace tidemark::redis::testing {
namespace {

const char* const NEW_KEY = " -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

void run_openssl(const std::string& arguments, const std::string& log) {
  const std::string command = "openssl " + arguments + " >>'" + log + "' 2>&1 </dev/null";
  if (std::system(command.c_str()) != 0) throw std::runtime_error{"failed: " + command};
}

}  // namespace

TestCertificates::TestCertificates() {
  std::string pattern = (std::filesystem::temp_directory_path() / "tidemark-tls-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"can't make the directory " + pattern};
  directory_ = pattern;
  make_authority("ca");
  make_authority("other_ca");
  make_certificate("server", "ca", "subjectAltName=IP:127.0.0.1,DNS:localhost");
  make_certificate("client", "ca", "extendedKeyUsage=clientAuth");
  make_certificate("other_client", "other_ca", "extendedKeyUsage=clientAuth");
}

TestCertificates::~TestCertificates() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void TestCertificates::make_authority(const std::string& name) const {
  run_openssl("req -x509 -days 2 -subj '/CN=Tidemark test " + name + "'" + NEW_KEY + " -keyout " + key(name) +
                  " -out " + certificate(name),
              path("log"));
}

void TestCertificates::make_certificate(const std::string& name, const std::string& authority,
                                        const std::string& extensions) const {
  const std::string request = path(name + ".csr"), extensions_file = path(name + ".ext");
  std::ofstream{extensions_file} << extensions << '\n';
  run_openssl("req -new -subj '/CN=" + name + "'" + NEW_KEY + " -keyout " + key(name) + " -out " + request,
              path("log"));
  run_openssl("x509 -req -days 2 -CAcreateserial -in " + request + " -CA " + certificate(authority) + " -CAkey " +
                  key(authority) + " -extfile " + extensions_file + " -out " + certificate(name),
              path("log"));
}

std::vector<std::string> TestCertificates::server_configuration(bool wants_client_certificates) const {
  return {"port 0",
          "tls-port $PORT",
          "tls-cert-file " + certificate("server"),
          "tls-key-file " + key("server"),
          "tls-ca-cert-file " + certificate("ca"),
          std::string{"tls-auth-clients "} + (wants_client_certificates ? "yes" : "no")};
}

Tls TestCertificates::client_options(const std::string& client) const {
  Tls tls;
  tls.ca_file = certificate("ca");
  if (!client.empty()) {
    tls.cert_file = certificate(client);
    tls.key_file = key(client);
  }
  return tls;
}

}  // namespace tidemark::redis::testing
