// All of Asio that need not be a template, compiled here once instead of wherever it is used.
#include <boost/asio/impl/src.hpp>
