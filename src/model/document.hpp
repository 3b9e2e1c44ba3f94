// Documents, their versions, and questions about them.
#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/lsn.hpp"
#include "base/result.hpp"

namespace tidemark::model {

// Opaque to users. The counter rises with each change of the document; the nonce tells apart two lives of one
// number (after a fail-over, or after a crash that took what was not durable).
struct Version {
  std::uint64_t counter = 0;
  std::uint64_t nonce = 0;
  friend constexpr bool operator==(const Version&, const Version&) = default;

  std::string text() const;  // "12-9f8e7d6c5b4a3921": in ETags
  static Result<Version> parse(std::string_view text);
};

struct Document {
  std::string id;
  std::string json;
  Version version;
};

// A value of an indexed member. Order across kinds: null < false < true < numbers < strings (bytewise).
using IndexValue = std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string>;

// A declared index on one member.
struct IndexDefinition {
  std::string name;     // unique within the collection
  std::string path;     // "status", "address.city"
  bool unique = false;  // within a partition; absent and null values do not clash
  friend bool operator==(const IndexDefinition&, const IndexDefinition&) = default;
};

struct CollectionDefinition {
  std::string name;  // "<service>.<collection>", at most 200 bytes of [a-z0-9_.-]
  std::vector<IndexDefinition> indexes;
};

// A collection as it was declared, with the partitions of its service.
struct CollectionInfo {
  CollectionDefinition definition;
  std::uint16_t partitions = 1;
};

struct DocumentCount {
  std::uint64_t count = 0;
  bool is_exact = true;  // else there are more
};

// Which documents, in which order. Without an index: all, by id.
struct Query {
  std::string collection;
  std::string index;                      // empty: by id
  std::optional<IndexValue> equal;        // exactly this value
  std::optional<IndexValue> from, below;  // or a range: from <= value < below
  bool descending = false;
  std::uint32_t limit = 100;  // 1 to 1000
  std::string after;          // a cursor from a page before, or empty
  bool with_cursors = false;  // whether the page comes with `cursors`
};

// A cursor is a position in the order, behind one document. It holds in every partition of the collection's service
// alike, so that a list over several goes on in all of them behind the same place.
struct Page {
  std::vector<Document> documents;
  std::string next;                  // the cursor of the next page, or empty
  std::vector<std::string> cursors;  // the one behind each document, the last included, if the query asks for them
};

// A value read, with the highest LSN that it may have seen: what answers somebody outside waits for it.
template <class T>
struct Read {
  T value;
  Lsn seen;
};

}  // namespace tidemark::model
