#include "storage/log_scan.hpp"

#include <algorithm>

#include "storage/crc32c.hpp"
#include "storage/rocksdb_status.hpp"

namespace tidemark::storage {
namespace {

constexpr std::size_t BLOCK = 32 * 1024, HEADER = 4 + 2 + 1;
enum Type : unsigned char { ZERO = 0, FULL = 1, FIRST = 2, MIDDLE = 3, LAST = 4 };

std::uint32_t u32_at(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

std::uint32_t masked(std::uint32_t crc) { return (crc >> 15 | crc << 17) + 0xa282ead8U; }

// Puts records together from the blocks of one file.
class Scanner {
 public:
  explicit Scanner(const OnRecord& record) : on_record_{record} {}

  void block(std::string_view bytes, bool last) {
    std::size_t at = 0;
    while (at < bytes.size()) {
      const std::size_t left = bytes.size() - at;
      if (left < HEADER) {
        if (bytes.find_first_not_of('\0', at) != bytes.npos) damaged(at, "bytes between two blocks are not zero");
        break;
      }
      const std::size_t length = static_cast<unsigned char>(bytes[at + 4]) |
                                 static_cast<std::size_t>(static_cast<unsigned char>(bytes[at + 5])) << 8;
      const auto type = static_cast<unsigned char>(bytes[at + 6]);
      if (type == ZERO && length == 0 && u32_at(bytes, at) == 0) {
        zeros(bytes, at);
        break;
      }
      if (HEADER + length > left) {
        damaged(at, last ? "a record is cut short by the end of the file" : "a record is longer than its block");
        break;
      }
      const std::string_view fragment = bytes.substr(at + HEADER, length);
      Crc32c crc;
      crc.add(bytes.substr(at + 6, 1));
      crc.add(fragment);
      if (masked(crc.value()) != u32_at(bytes, at)) {
        damaged(at, "a record's checksum is wrong");
      } else {
        take(type, fragment, at);
      }
      at += HEADER + length;
      if (!scan_.damage && !open_) scan_.whole_bytes = block_start_ + at;
    }
    block_start_ += bytes.size();
  }

  LogScan finish() {
    if (open_) damaged(record_start_ - block_start_, "a record is cut short by the end of the file");
    return std::move(scan_);
  }

 private:
  // Space that was allocated ahead and not written.
  void zeros(std::string_view bytes, std::size_t at) {
    if (open_) damaged(at, "the rest of a record is missing");
    if (bytes.find_first_not_of('\0', at) != bytes.npos) damaged(at, "a record's head is all zeros");
    behind_zeros_ = true;
  }

  void take(unsigned char type, std::string_view fragment, std::size_t at) {
    const bool begins = type == FULL || type == FIRST;
    if (type > LAST || type == ZERO) return damaged(at, "a record has an unknown type");
    if (begins && open_) damaged(at, "the rest of a record is missing");
    if (!begins && !open_) {
      if (!scan_.damage) damaged(at, "the beginning of a record is missing");
      return;
    }
    if (behind_zeros_) damaged(at, "zeros stand where records were");
    if (begins) {
      record_.clear();
      record_start_ = block_start_ + at;
    }
    record_.append(fragment);
    open_ = type == FIRST || type == MIDDLE;
    if (open_) return;
    if (scan_.damage) ++scan_.records_behind;
    on_record_(record_, scan_.damage.has_value());
  }

  void damaged(std::size_t at, std::string what) {
    open_ = false;
    if (!scan_.damage) scan_.damage = LogDamage{block_start_ + at, std::move(what)};
  }

  const OnRecord& on_record_;
  LogScan scan_;
  std::uint64_t block_start_ = 0, record_start_ = 0;
  bool open_ = false;  // a record's first fragments are in `record_`
  bool behind_zeros_ = false;
  std::string record_;
};

}  // namespace

Result<LogScan> scan_log(rocksdb::Env& env, const std::string& path, const OnRecord& record, std::uint64_t size_max) {
  std::unique_ptr<rocksdb::SequentialFile> file;
  if (const auto status = env.NewSequentialFile(path, &file, {}); !status.ok()) {
    return failure_of(status, "opening it", path);
  }
  Scanner scanner{record};
  std::string buffer(BLOCK, '\0');
  for (bool last = false; !last;) {
    const std::size_t wanted = std::min<std::uint64_t>(BLOCK, size_max);
    rocksdb::Slice bytes;
    if (const auto status = file->Read(wanted, &bytes, buffer.data()); !status.ok()) {
      return failure_of(status, "reading it", path);
    }
    size_max -= bytes.size();
    last = bytes.size() < BLOCK;
    scanner.block(bytes.ToStringView(), last);
  }
  return scanner.finish();
}

}  // namespace tidemark::storage
