// Opens the store that a URL names.
#pragma once
#include <memory>
#include <string>

#include "base/result.hpp"
#include "store/store.hpp"

namespace tidemark::kit {

// "embedded:<directory>[?durability=…]". `invalid` for a URL that is none or names an unknown kind of store; else what
// the store says.
Result<std::unique_ptr<store::Store>> open_store(const std::string& url, Clock& clock = Clock::system());

// Whether open_store() would understand it; opens nothing.
Result<void> check_store_url(const std::string& url);

// The URL with its passwords blotted out, for logs.
std::string without_passwords(std::string url);

}  // namespace tidemark::kit
