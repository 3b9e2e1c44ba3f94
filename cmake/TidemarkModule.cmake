# tidemark_module(NAME SOURCES … DEPS … TESTS …): one static library per folder of src/, called tidemark_<name>,
# and one test program <name>_test of the *_test.cpp files beside the code.
function(tidemark_module name)
  cmake_parse_arguments(M "" "" "SOURCES;DEPS;PRIVATE_DEPS;TESTS;TEST_DEPS" ${ARGN})
  add_library(tidemark_${name} STATIC ${M_SOURCES})
  target_include_directories(tidemark_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>
    PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(tidemark_${name} PUBLIC ${M_DEPS} PRIVATE ${M_PRIVATE_DEPS} $<BUILD_INTERFACE:tidemark_options>)
  set_property(GLOBAL APPEND PROPERTY TIDEMARK_MODULES tidemark_${name})
  if(TIDEMARK_TESTS AND M_TESTS)
    tidemark_test(${name}_test SOURCES ${M_TESTS} DEPS tidemark_${name} ${M_TEST_DEPS})
  endif()
endfunction()

# tidemark_test(NAME SOURCES … DEPS …): a GoogleTest program that CTest runs as one test.
function(tidemark_test name)
  cmake_parse_arguments(T "" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${T_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${name} PRIVATE ${T_DEPS} tidemark_options GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name})
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 300)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${T_TIMEOUT} LABELS "unit;${T_LABELS}")
endfunction()
