// StaticFiles: the files below a folder, read once into memory, as a web page needs them.
//
//   auto files = StaticFiles::load({.root = "web/dist"});      // Result
//   router.fallback(std::move(files).value());
//
// Files under /assets/ carry a hash in their names and may be cached for ever; all others are asked for again each time
// and answered with 304 by their ETag. Compressible files are kept gzipped, too. Only what load() found is ever served,
// so that no path leads out of the folder.
#pragma once
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "tidemark/http.hpp"

namespace tidemark::http {

struct StaticFilesOptions {
  std::filesystem::path root;
  std::size_t bytes_max = 64 * 1024 * 1024;   // of all files together
  std::string prefix = {};                    // of all paths: "/console" for a page that lives there
  std::string immutable_folder = "/assets/";  // below the prefix
  // A path that does not end as a file of the web does, asked for by a browser (Accept: text/html), is index.html: the
  // page routes itself.
  bool single_page = true;
};

// Copies share the files. Any thread.
class StaticFiles {
 public:
  // `not_found` when there is no such folder, `too_large`, `io`. Links that lead out of the folder, and files whose
  // name begins with a dot, are left out.
  static Result<StaticFiles> load(StaticFilesOptions options);

  // Answers GET and HEAD; 404 for what is not there.
  Response operator()(const Request& request) const;

  std::size_t file_count() const;

 private:
  struct State;
  explicit StaticFiles(std::shared_ptr<const State> state) : state_{std::move(state)} {}
  std::shared_ptr<const State> state_;
};

// By the extension: "text/html; charset=utf-8" for "index.html".
std::string_view content_type_of(std::string_view path);

}  // namespace tidemark::http
