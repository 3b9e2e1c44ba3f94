// The console: the web page that shows and steers what runs here, at /console of every port that has the admin API.
#pragma once
#include "http/handler.hpp"

namespace tidemark::kit {

// Answers /console and what is below it with the files in `folder` (share.hpp), which are read once, here; where the
// console is not built, it says how to.
http::Handler load_console(std::string_view folder);

// `console` for /console and what is below it; everything else goes to `others`, or is a 404 where there are none.
http::Handler with_console(http::Handler console, http::Handler others);

}  // namespace tidemark::kit
