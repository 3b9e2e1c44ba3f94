# How every target is compiled: C++20, warnings as errors, ccache where there is one, sanitizers on request.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)

find_program(TIDEMARK_CCACHE ccache)
if(TIDEMARK_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Another clone, and another build folder, find what this one compiled; the folder in the debug information is the price.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${TIDEMARK_CCACHE})
endif()

add_library(tidemark_options INTERFACE)
target_compile_options(tidemark_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror
  # Designated initialisers leave members at their defaults on purpose.
  -Wno-missing-field-initializers)

if(TIDEMARK_SANITIZE STREQUAL "address")
  set(flags -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # RapidJSON adds to null pointers, which GCC does not look at.
    list(APPEND flags -fno-sanitize=pointer-overflow)
  endif()
elseif(TIDEMARK_SANITIZE STREQUAL "thread")
  set(flags -fsanitize=thread -fno-omit-frame-pointer)
elseif(NOT TIDEMARK_SANITIZE STREQUAL "")
  message(FATAL_ERROR "TIDEMARK_SANITIZE is '${TIDEMARK_SANITIZE}'; it may be empty, address or thread")
endif()
if(flags)
  add_compile_options(${flags})
  add_link_options(${flags})
  # GCC 12 sees uninitialised members in std::optional that are not there when it instruments.
  add_compile_options(-Wno-maybe-uninitialized)
endif()
