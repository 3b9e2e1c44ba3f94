#include "redis/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>

namespace tidemark::redis {
namespace {

using boost::system::error_code;
namespace ssl = boost::asio::ssl;

Failure unusable(const std::string& what, const std::string& file, const error_code& error) {
  return fail(ErrorCode::invalid, "can't use '" + file + "' as " + what + ": " + error.message(), "TLS");
}

bool is_address(const std::string& name) {
  error_code error;
  boost::asio::ip::make_address(name, error);
  return !error;
}

Result<void> load_identity(ssl::context& context, const Tls& tls) {
  if (tls.cert_file.empty() != tls.key_file.empty())
    return fail(ErrorCode::invalid, "a client's certificate needs both parameters, cert and key", "TLS");
  if (tls.cert_file.empty()) return {};
  error_code error;
  context.use_certificate_chain_file(tls.cert_file, error);
  if (error) return unusable("our certificate (cert)", tls.cert_file, error);
  context.use_private_key_file(tls.key_file, ssl::context::pem, error);
  if (error) return unusable("our private key (key)", tls.key_file, error);
  return {};
}

// What the other side says by its alerts about who we are.
bool is_refusal_of_client(int reason) {
  switch (reason) {
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:  // TLS 1.2's word for it
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA: return true;
    default: return false;
  }
}

}  // namespace

Result<std::unique_ptr<ssl::context>> make_tls_context(const Tls& tls) {
  auto context = std::make_unique<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  error_code error;
  context->set_verify_mode(ssl::verify_peer, error);
  if (tls.ca_file.empty()) {
    context->set_default_verify_paths(error);
    if (error) return fail(ErrorCode::invalid, "the system has no authorities to trust: " + error.message(), "TLS");
  } else {
    context->load_verify_file(tls.ca_file, error);
    if (error) return unusable("the authorities to trust (ca)", tls.ca_file, error);
  }
  TIDEMARK_TRY(load_identity(*context, tls));
  return context;
}

Result<void> expect_server(SSL* session, const std::string& name) {
  X509_VERIFY_PARAM* const wanted = SSL_get0_param(session);
  X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // An address is no name for SNI.
  const bool done = is_address(name) ? X509_VERIFY_PARAM_set1_ip_asc(wanted, name.c_str()) == 1
                                     : X509_VERIFY_PARAM_set1_host(wanted, name.c_str(), name.size()) == 1 &&
                                           SSL_set_tlsext_host_name(session, name.c_str()) == 1;
  if (!done) return fail(ErrorCode::invalid, "'" + name + "' can't be the name of a server", "TLS");
  return {};
}

Failure explain_tls_failure(const error_code& error, SSL* session, const Tls& tls, const std::string& name) {
  const int reason = error.category() == boost::asio::error::get_ssl_category()
                         ? ERR_GET_REASON(static_cast<unsigned>(error.value()))
                         : 0;
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    const long verdict = SSL_get_verify_result(session);
    const std::string why = X509_verify_cert_error_string(verdict);
    if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH)
      return fail(ErrorCode::unauthorized, "the server's certificate is for another name than '" + name +
                                               "' (name it with the parameter server_name if that is right): " + why);
    return fail(ErrorCode::unauthorized, "the server's certificate is not trusted (" + why +
                                             "); the authorities to trust are " +
                                             (tls.ca_file.empty() ? "the system's: name another with the parameter ca"
                                                                  : "those of '" + tls.ca_file + "'"));
  }
  if (is_refusal_of_client(reason))
    return fail(
        ErrorCode::unauthorized,
        (tls.cert_file.empty() ? "the server asks for a client's certificate: name one with the parameters cert and key"
                               : "the server does not accept the client's certificate '" + tls.cert_file + "'") +
            (" (" + error.message() + ")"));
  if (reason == SSL_R_WRONG_VERSION_NUMBER)
    return fail(ErrorCode::unavailable, "the server does not speak TLS on this port (rediss:// asks for it)");
  return fail(ErrorCode::unavailable, "TLS: " + error.message());
}

}  // namespace tidemark::redis
