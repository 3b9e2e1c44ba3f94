#include "http/static_files.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <map>

#include "base/hash.hpp"
#include "http/compression.hpp"
#include "http/conditional.hpp"
#include "http/header_values.hpp"
#include "http/problem.hpp"
#include "http/security_headers.hpp"

namespace tidemark::http {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view INDEX = "/index.html";
constexpr std::size_t GZIP_BYTES_MIN = 512;
constexpr int GZIP_LEVEL = 9;  // once for each file

struct File {
  std::shared_ptr<const std::string> bytes;
  std::shared_ptr<const std::string> gzipped;  // null where it does not pay
  std::string_view content_type;
  std::string etag;
};

Result<std::string> read_file(const fs::path& path, std::size_t bytes_max) {
  std::ifstream in{path, std::ios::binary};
  if (!in) return fail(ErrorCode::io, "cannot be opened for reading", path.string());
  std::string bytes;
  std::array<char, 65536> block;
  while (in.read(block.data(), block.size()) || in.gcount() > 0) {
    bytes.append(block.data(), static_cast<std::size_t>(in.gcount()));
    if (bytes.size() > bytes_max) {
      return fail(ErrorCode::too_large, "with this file the folder is over the limit for files kept in memory",
                  path.string());
    }
  }
  if (in.bad()) return fail(ErrorCode::io, "cannot be read", path.string());
  return bytes;
}

File make_file(std::string bytes, std::string_view path) {
  File file;
  file.content_type = content_type_of(path);
  // Two seeds make 128 bits: nobody chooses the bytes of our files, so that chance is all there is to fear.
  std::array<char, 40> etag{};
  std::snprintf(etag.data(), etag.size(), "\"%016llx%016llx\"", static_cast<unsigned long long>(hash64(bytes, 1)),
                static_cast<unsigned long long>(hash64(bytes, 2)));
  file.etag = etag.data();
  if (bytes.size() >= GZIP_BYTES_MIN && is_compressible(file.content_type)) {
    auto gzipped = gzip(bytes, GZIP_LEVEL);
    if (gzipped.size() < bytes.size()) file.gzipped = std::make_shared<const std::string>(std::move(gzipped));
  }
  file.bytes = std::make_shared<const std::string>(std::move(bytes));
  return file;
}

// Whether the file, links followed, lies below the folder.
bool is_below(const fs::path& file, const fs::path& folder) {
  std::error_code error;
  const auto real = fs::weakly_canonical(file, error);
  if (error) return false;
  return std::mismatch(folder.begin(), folder.end(), real.begin(), real.end()).first == folder.end();
}

bool is_hidden(const fs::path& relative) {
  return std::any_of(relative.begin(), relative.end(),
                     [](const fs::path& part) { return part.string().starts_with('.'); });
}

constexpr std::string_view UNKNOWN_TYPE = "application/octet-stream";

// "app.js" is a file, "order_placed.inventory.dead" may well be a page about a topic of that name.
bool names_a_file(std::string_view path) { return content_type_of(path) != UNKNOWN_TYPE; }

bool wants_html(const Request& request) {
  const auto accepted = request.header("Accept");
  return accepted && accepted->find("text/html") != std::string_view::npos;
}

}  // namespace

struct StaticFiles::State {
  StaticFilesOptions options;
  std::map<std::string, File, std::less<>> files;  // by path below the prefix: "/assets/index-4f2a.js"

  const File* find(const Request& request) const {
    std::string_view path = request.path;
    if (!path.starts_with(options.prefix)) return nullptr;
    path.remove_prefix(options.prefix.size());
    if (path.empty() || path == "/") path = INDEX;
    if (const auto found = files.find(path); found != files.end()) return &found->second;
    if (!options.single_page || names_a_file(path) || !wants_html(request)) return nullptr;
    const auto index = files.find(INDEX);
    return index == files.end() ? nullptr : &index->second;
  }

  bool is_immutable(std::string_view path) const {
    return path.substr(options.prefix.size()).starts_with(options.immutable_folder);
  }
};

Result<StaticFiles> StaticFiles::load(StaticFilesOptions options) {
  auto state = std::make_shared<State>();
  std::error_code error;
  const fs::path root = fs::canonical(options.root, error);
  if (error || !fs::is_directory(root, error)) {
    return fail(ErrorCode::not_found, "there is no such folder", options.root.string());
  }
  std::size_t bytes_left = options.bytes_max;
  fs::recursive_directory_iterator entry{root, error};
  for (; !error && entry != fs::recursive_directory_iterator{}; entry.increment(error)) {
    const fs::path relative = entry->path().lexically_relative(root);
    std::error_code ignored;
    if (is_hidden(relative) || !fs::is_regular_file(entry->path(), ignored) || !is_below(entry->path(), root)) continue;
    auto bytes = read_file(entry->path(), bytes_left);
    if (!bytes) return bytes.error();
    bytes_left -= bytes->size();
    const std::string path = '/' + relative.generic_string();
    state->files.emplace(path, make_file(std::move(*bytes), path));
  }
  if (error) return fail(ErrorCode::io, "cannot be listed: " + error.message(), root.string());
  state->options = std::move(options);
  return StaticFiles{std::move(state)};
}

Response StaticFiles::operator()(const Request& request) const {
  const File* file = state_->find(request);
  if (file == nullptr) return problem_of(404, "there is no file " + request.path);
  Response response;
  response.content_type = file->content_type;
  add_security_headers(response);
  response.with("Cache-Control",
                state_->is_immutable(request.path) ? "public, max-age=31536000, immutable" : "no-cache");
  if (file->gzipped) add_vary(response, "Accept-Encoding");
  if (file->gzipped && accepts_gzip(request.header("Accept-Encoding").value_or(""))) {
    response.shared_body = file->gzipped;
    response.content_encoding = "gzip";
  } else {
    response.shared_body = file->bytes;
  }
  return conditional(std::move(response), request, file->etag);
}

std::size_t StaticFiles::file_count() const { return state_->files.size(); }

std::string_view content_type_of(std::string_view path) {
  struct Type {
    std::string_view extension, content_type;
  };
  static constexpr std::array TYPES{
      Type{".html", "text/html; charset=utf-8"},
      Type{".js", "text/javascript; charset=utf-8"},
      Type{".mjs", "text/javascript; charset=utf-8"},
      Type{".css", "text/css; charset=utf-8"},
      Type{".json", "application/json"},
      Type{".map", "application/json"},
      Type{".webmanifest", "application/manifest+json"},
      Type{".svg", "image/svg+xml"},
      Type{".png", "image/png"},
      Type{".jpg", "image/jpeg"},
      Type{".jpeg", "image/jpeg"},
      Type{".gif", "image/gif"},
      Type{".webp", "image/webp"},
      Type{".avif", "image/avif"},
      Type{".ico", "image/x-icon"},
      Type{".woff", "font/woff"},
      Type{".woff2", "font/woff2"},
      Type{".ttf", "font/ttf"},
      Type{".wasm", "application/wasm"},
      Type{".txt", "text/plain; charset=utf-8"},
      Type{".md", "text/markdown; charset=utf-8"},
      Type{".xml", "application/xml"},
      Type{".pdf", "application/pdf"},
  };
  const auto name = path.substr(path.rfind('/') + 1);
  const auto dot = name.rfind('.');
  if (dot != std::string_view::npos) {
    for (const auto& type : TYPES) {
      if (equals_ignoring_case(type.extension, name.substr(dot))) return type.content_type;
    }
  }
  return UNKNOWN_TYPE;
}

}  // namespace tidemark::http
