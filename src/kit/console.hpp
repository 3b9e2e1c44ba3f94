// The console: the web page that shows and steers what runs here, at /console of every port that has the admin API.
#pragma once
#include "http/handler.hpp"

namespace tidemark::kit {

// Answers /console and what is below it; everything else goes to `others`, or is a 404 where there are none. The
// console's files are found in `folder` (share.hpp) and kept once for a process, as the first call finds them; where it
// is not built, it says how to.
http::Handler with_console(std::string_view folder, http::Handler others);

}  // namespace tidemark::kit
