// Asio's TLS, compiled here once instead of wherever it is used.
#include <boost/asio/ssl/impl/src.hpp>
