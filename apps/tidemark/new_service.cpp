// tidemark new service: a folder with a service that builds against an installed Tidemark, and its test.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tidemark/commands.hpp"

namespace tidemark::cli {
namespace {

struct File {
  const char* name;
  const char* text;  // @name@ stands for the service's name, @id@ for the same in C++
};

constexpr File FILES[] = {
    {"CMakeLists.txt", R"file(cmake_minimum_required(VERSION 3.25)
project(@name@ LANGUAGES CXX)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

find_package(tidemark REQUIRED)
find_package(GTest REQUIRED)
add_executable(@name@ main.cpp)
target_link_libraries(@name@ PRIVATE tidemark::tidemark)

enable_testing()
add_executable(@name@_test @id@_test.cpp)
target_link_libraries(@name@_test PRIVATE tidemark::simulation GTest::gtest_main)
add_test(NAME @name@_test COMMAND @name@_test)
)file"},
    {"@id@.hpp", R"file(// @name@: takes notes, and counts them by their author.
#pragma once
#include <string>

#include <tidemark/tidemark.hpp>

struct Note {
  std::string author;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(Note, (), (author, text))

struct Author {
  std::string id;
  int notes = 0;
};
BOOST_DESCRIBE_STRUCT(Author, (), (id, notes))

inline tidemark::Service make_@id@() {
  using namespace tidemark;
  Service service{"@name@"};
  service.publishes<Note>("note_taken").key(&Note::author);
  service.post("/notes", [](Transaction& tx, const Note& note) {
    tx.publish(note);
    return Response::empty(202);
  });
  service
      .on<Note>("note_taken",
                [](Transaction& tx, const Note& note) {
                  auto author = tx.find<Author>(note.author).value_or(Author{note.author});
                  ++author.notes;
                  tx.put(author);  // one commit with the event's acknowledgement
                })
      .key(&Note::author);
  service.get("/authors/{id}",
              [](Transaction& tx, const Request& request) { return tx.find<Author>(request.path_parameter("id")); });
  return service;
}
)file"},
    {"main.cpp", R"file(#include "@id@.hpp"

int main(int argc, char** argv) {
  auto service = make_@id@();
  return tidemark::run(service, argc, argv);
}
)file"},
    {"@id@_test.cpp", R"file(#include "@id@.hpp"

#include <gtest/gtest.h>

#include <tidemark/simulation.hpp>

using namespace tidemark::testing;
using tidemark::Service;

struct TwoNotes : Scenario {
  std::vector<const Service*> services() override { return {&service}; }

  void play(Simulation& world) override {
    for (const std::string key : {"first", "second"}) {
      const auto reply = world.request_until_answered("@name@", "POST", "/notes", R"({"author":"ann","text":"hello"})",
                                                      {{"Idempotency-Key", key}});
      world.require(reply.status == 202, "a note was refused: " + reply.body);
    }
  }

  void check(Simulation& world) override {
    const auto author = tidemark::from_json<Author>(world.request("@name@", "GET", "/authors/ann").body);
    world.require(author.notes == 2, "took 2 notes, and counts " + std::to_string(author.notes));
  }

  Service service = make_@id@();
};

TEST(Notes, AreCountedOnceWhereverThePowerFails) { every_crash<TwoNotes>(); }
)file"},
    {"README.md", R"file(# @name@

    cmake -B build -DCMAKE_PREFIX_PATH=<where Tidemark is installed>
    cmake --build build && ctest --test-dir build
    build/@name@ --store embedded:./data --port 8000

`build/@name@ --help` lists its settings; http://127.0.0.1:8000/docs shows its endpoints.
)file"},
};

std::string filled(std::string text, const std::string& name) {
  std::string id = name;
  std::ranges::replace(id, '-', '_');
  const std::pair<std::string, const std::string&> marks[] = {{"@name@", name}, {"@id@", id}};
  for (const auto& [mark, value] : marks)
    for (auto at = text.find(mark); at != text.npos; at = text.find(mark, at + value.size()))
      text.replace(at, mark.size(), value);
  return text;
}

bool is_a_name(const std::string& name) {
  return !name.empty() && name.front() >= 'a' && name.front() <= 'z' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == name.npos && name.back() != '-';
}

int make_service(const Tool& tool, const std::string& name, const std::string& parent) {
  if (!is_a_name(name))
    return tool.failed(fail(ErrorCode::invalid, "a service's name is lower-case letters, digits and hyphens", name));
  const std::filesystem::path folder = std::filesystem::path{parent} / name;
  std::error_code error;
  if (!std::filesystem::create_directories(folder, error))
    return tool.failed(error ? fail(ErrorCode::io, error.message(), folder)
                             : fail(ErrorCode::already_exists, "there is something of this name already", folder));
  for (const auto& file : FILES) {
    std::ofstream out{folder / filled(file.name, name)};
    out << filled(file.text, name);
    if (!out.flush()) return tool.failed(fail(ErrorCode::io, "a file of it can't be written", folder));
  }
  if (tool.json()) tool.give("{\"folder\":" + json::quote(folder.string()) + "}");
  tool.say("made " + folder.string() + "; its README.md says how to build and start it");
  return DONE;
}

}  // namespace

void add_new(CLI::App& app, Tool& tool) {
  auto& family = *app.add_subcommand("new", "begins something");
  family.require_subcommand(1);
  struct Flags {
    std::string name, parent = ".";
  };
  const auto flags = std::make_shared<Flags>();
  auto& command = tool.command(family, "service", "makes a folder with a service, and its test",
                               [&tool, flags] { return make_service(tool, flags->name, flags->parent); });
  command.add_option("name", flags->name, "lower-case letters, digits and hyphens")->required();
  command.add_option("--in", flags->parent, "where the folder is to be; here")->type_name("DIR");
}

}  // namespace tidemark::cli
