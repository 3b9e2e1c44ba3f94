// TLS to a server: whom to trust, who we are, and what went wrong, in words that help.
#pragma once
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "redis/options.hpp"

namespace tidemark::redis {

// Reads the files, so that renewed certificates serve the next connection. Fails with `invalid`, naming the file.
// TLS 1.2 or later; the server's certificate must be signed by an authority of ca_file, or of the system.
Result<std::unique_ptr<boost::asio::ssl::context>> make_tls_context(const Tls& tls);

// Before the handshake: names the server that is wanted (SNI), and what its certificate must be for.
Result<void> expect_server(SSL* session, const std::string& name);

// Why the handshake, or the first reading after it, failed.
Failure explain_tls_failure(const boost::system::error_code& error, SSL* session, const Tls& tls,
                            const std::string& name);

}  // namespace tidemark::redis
