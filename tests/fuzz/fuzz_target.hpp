// What libFuzzer calls with any bytes. It must return, whatever they are; what must never be, aborts.
#pragma once
#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
