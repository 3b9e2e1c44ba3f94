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

// What stands before each fragment.
struct Head {
  std::uint32_t checksum = 0;
  std::size_t length = 0;
  unsigned char type = ZERO;

  static Head read(std::string_view bytes, std::size_t at) {
    const auto low = static_cast<unsigned char>(bytes[at + 4]), high = static_cast<unsigned char>(bytes[at + 5]);
    return {u32_at(bytes, at), low | static_cast<std::size_t>(high) << 8, static_cast<unsigned char>(bytes[at + 6])};
  }
  bool fits(std::string_view bytes, std::size_t at) const {
    if (HEADER + length > bytes.size() - at) return false;
    Crc32c crc;
    crc.add(bytes.substr(at + 6, 1 + length));  // its type, too
    return masked(crc.value()) == checksum;
  }
};

// Puts records together from the blocks of one file.
class Scanner {
 public:
  explicit Scanner(const OnRecord& record) : on_record_{record} {}

  void block(std::string_view bytes, bool last) {
    for (std::size_t at = 0; at < bytes.size();) at = fragment(bytes, at, last);
    block_start_ += bytes.size();
  }

  LogScan finish() {
    if (open_) damaged(record_start_ - block_start_, "a record is cut short by the end of the file");
    return std::move(scan_);
  }

 private:
  // Takes what begins there, and returns where the next one begins.
  std::size_t fragment(std::string_view bytes, std::size_t at, bool last) {
    if (bytes.size() - at < HEADER) {
      if (bytes.find_first_not_of('\0', at) != bytes.npos) damaged(at, "bytes between two blocks are not zero");
      return bytes.size();
    }
    if (bytes.find_first_not_of('\0', at) >= at + HEADER) {
      zeros(bytes, at);
      return bytes.size();
    }
    const auto head = Head::read(bytes, at);
    if (HEADER + head.length > bytes.size() - at) {
      damaged(at, last ? "a record is cut short by the end of the file" : "a record is longer than its block");
      return next_whole(bytes, at + 1);
    }
    if (!head.fits(bytes, at)) {
      damaged(at, "a record's checksum is wrong");
      return next_whole(bytes, at + 1);
    }
    take(head.type, bytes.substr(at + HEADER, head.length), at);
    const auto end = at + HEADER + head.length;
    if (!scan_.damage && !open_) scan_.whole_bytes = block_start_ + end;
    return end;
  }

  // Where a whole fragment begins again, whatever the damaged one says about its length.
  static std::size_t next_whole(std::string_view bytes, std::size_t at) {
    for (; at + HEADER <= bytes.size(); ++at) {
      const auto head = Head::read(bytes, at);
      if (head.type != ZERO && head.type <= LAST && head.fits(bytes, at)) return at;
    }
    return bytes.size();
  }

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
