// TestCertificates: an authority with certificates for a server and a client, and another authority, made by the
// openssl program in a temporary directory, which goes with this.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "redis/options.hpp"

namespace tidemark::redis::testing {

class TestCertificates {
 public:
  TestCertificates();
  ~TestCertificates();
  TestCertificates(const TestCertificates&) = delete;
  TestCertificates& operator=(const TestCertificates&) = delete;

  // PEM files: "ca", "other_ca"; "server" (for 127.0.0.1 and localhost) and "client", both signed by "ca", and
  // "other_client", signed by "other_ca".
  std::string certificate(const std::string& name) const { return path(name + ".crt"); }
  std::string key(const std::string& name) const { return path(name + ".key"); }

  // Lines of redis.conf by which a server speaks only TLS; it refuses clients without a certificate of "ca" or not.
  std::vector<std::string> server_configuration(bool wants_client_certificates) const;
  // What trusts "ca", and shows the certificate of that name, if any.
  Tls client_options(const std::string& client = {}) const;

 private:
  std::string path(const std::string& file) const { return (directory_ / file).string(); }
  void make_authority(const std::string& name) const;
  void make_certificate(const std::string& name, const std::string& authority, const std::string& extensions) const;

  std::filesystem::path directory_;
};

}  // namespace tidemark::redis::testing
