#include "storage/rocksdb_options.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/env.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>

#include <algorithm>

#include "storage/file_inspection.hpp"
#include "storage/recovery_check.hpp"
#include "storage/rocksdb_status.hpp"

namespace tidemark::storage {
namespace {

// The first of the wishes that this build of RocksDB has.
rocksdb::CompressionType best_of(std::initializer_list<rocksdb::CompressionType> wishes) {
  const auto supported = rocksdb::GetSupportedCompressions();
  for (const auto wish : wishes) {
    if (std::find(supported.begin(), supported.end(), wish) != supported.end()) return wish;
  }
  return rocksdb::kNoCompression;
}

rocksdb::BlockBasedTableOptions table_options(const Options& options) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(options.cache_bytes);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.block_size = 8 * 1024;
  table.format_version = 5;
  // Filters and indexes count against the cache, so that memory stays bounded as files grow in number. They are kept in
  // parts: a file of well compressed entries has millions of them, and an index of megabytes, which fits into no shard
  // of the cache, would be read and uncompressed at each look.
  table.cache_index_and_filter_blocks = true;
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.pin_top_level_index_and_filter = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  return table;
}

void set_up_log(rocksdb::Options& db, const Options& options) {
  // A torn or missing tail ends the replay where it begins. Only the newest log can have one, because the storage syncs
  // a log before it switches to the next; so what comes back is a prefix. That nothing durable is missing from it is
  // checked against the state file.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // With every commit waiting for an fsync anyway, the bytes go to the operating system once for each group.
  // Otherwise each commit hands them over itself, so that kill -9 takes nothing.
  db.manual_wal_flush = options.durability.mode == Durability::Mode::always && !options.read_only;
  db.avoid_flush_during_shutdown = true;
}

void set_up_compaction(rocksdb::Options& db, const Options& options) {
  // The storage ends a buffer, and with it a log, when it holds `write_buffer_bytes`. RocksDB, which would not sync the
  // log first, must never come to do it.
  db.write_buffer_size = 3 * options.write_buffer_bytes;
  db.max_write_buffer_number = 3;
  // With one column family this bounds nothing but how much of a log is allocated ahead.
  db.max_total_wal_size = std::min<std::uint64_t>(options.write_buffer_bytes, 8 << 20);
  db.memtable_prefix_bloom_size_ratio = 0.01;
  db.memtable_whole_key_filtering = true;
  db.target_file_size_base = std::max<std::uint64_t>(options.write_buffer_bytes, 1 << 20);
  db.max_bytes_for_level_base = 4 * db.target_file_size_base;
  db.level_compaction_dynamic_level_bytes = true;
  // A write that is slowed down waits under the sequencing lock, so let compaction fall behind for longer.
  db.level0_slowdown_writes_trigger = 40;
  db.level0_stop_writes_trigger = 80;
  db.compression = best_of({rocksdb::kLZ4Compression, rocksdb::kSnappyCompression});
  db.bottommost_compression = best_of({rocksdb::kZSTD, rocksdb::kLZ4Compression, rocksdb::kSnappyCompression});
  // Trimmed topics and acknowledged deliveries leave tombstones in runs: compact a file where half of 16k keys are.
  db.table_properties_collector_factories.push_back(rocksdb::NewCompactOnDeletionCollectorFactory(16 * 1024, 8 * 1024));
}

void keep_small(rocksdb::Options& db) {
  db.max_open_files = 512;
  db.max_file_opening_threads = 1;
  db.max_background_jobs = 2;
  db.max_subcompactions = 1;
  db.allow_concurrent_memtable_write = false;  // one writer at a time: the caller's lock sees to it
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  db.skip_stats_update_on_db_open = true;
  db.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  db.keep_log_file_num = 2;
  db.max_log_file_size = 1 << 20;
  db.max_manifest_file_size = 8 << 20;
  db.bytes_per_sync = 1 << 20;
  db.avoid_unnecessary_blocking_io = true;  // files are deleted in the background, not where a cursor ends
}

// Of a directory that nothing is written to, its diary either.
class NoDiary final : public rocksdb::Logger {
 public:
  using Logger::Logv;
  void Logv(const char*, va_list) override {}
};

}  // namespace

rocksdb::Options rocksdb_options(const Options& options, std::shared_ptr<rocksdb::EventListener> listener) {
  rocksdb::Options db;
  db.paranoid_checks = true;
  if (options.env != nullptr) db.env = options.env;
  if (listener) db.listeners.push_back(std::move(listener));
  db.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();  // of each whole file, in the MANIFEST
  db.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_options(options)));
  set_up_log(db, options);
  set_up_compaction(db, options);
  keep_small(db);
  if (options.read_only) db.info_log = std::make_shared<NoDiary>();
  db.create_if_missing = !options.read_only;
  return db;
}

Failure failure_of(const rocksdb::Status& status, std::string_view doing, const std::string& about) {
  const std::string message = detail::concatenate(doing, " failed: ", status.ToString());
  if (status.IsNoSpace()) return fail(ErrorCode::disk_full, message + "; free some space", about);
  if (!status.IsCorruption()) return fail(ErrorCode::io, message, about);
  // What RocksDB says of a damaged footer names no sorted file, or the MANIFEST.
  if (message.find(".sst") == message.npos) {
    if (const auto file = find_unreadable_file(about))
      return fail(ErrorCode::corrupt, file->wrong + remedy_for(about), about + "/" + file->file);
  }
  return fail(ErrorCode::corrupt, message + remedy_for(about), about);
}

}  // namespace tidemark::storage
