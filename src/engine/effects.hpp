// What a commit is about to write, with memory that is reused from one commit to the next.
#pragma once
#include <string>

#include "storage/storage.hpp"

namespace tidemark::engine {

struct Effects {
  storage::Batch batch;
  std::string value;  // of the record that is being put together
};

}  // namespace tidemark::engine
