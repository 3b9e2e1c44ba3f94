#include "tidemark/completion.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

namespace tidemark::cli {
namespace {

// One place in the command line: behind "tidemark dead-letters" there are other words than behind "tidemark".
struct Place {
  std::string path;  // "", "/dead-letters", "/dead-letters/list"
  const CLI::App* app;
};

void collect(std::vector<Place>& places, const std::string& path, const CLI::App& app) {
  places.push_back({path, &app});
  for (const auto* command : app.get_subcommands({}))
    if (!command->get_name().empty()) collect(places, path + "/" + command->get_name(), *command);
}

std::vector<Place> places_of(const CLI::App& app) {
  std::vector<Place> places;
  collect(places, "", app);
  return places;
}

struct Word {
  std::string name, about;
};

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// The commands at a place, and its flags: "--data", those of its option groups too, which CLI11 has as commands without
// a name.
std::vector<Word> words_at(const CLI::App& app) {
  std::vector<Word> words;
  for (const auto* command : app.get_subcommands({})) {
    if (command->get_name().empty())
      std::ranges::copy(words_at(*command), std::back_inserter(words));
    else
      words.push_back({command->get_name(), first_line(command->get_description())});
  }
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) words.push_back({"--" + name, first_line(option->get_description())});
  }
  return words;
}

std::string replaced(std::string text, char from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size()) text.replace(at, 1, to);
  return text;
}

// Between single quotes. A quote inside ends them, and begins them anew.
std::string quoted(const std::string& text) { return "'" + replaced(text, '\'', R"('\'')") + "'"; }

// The patterns of all places but the first, as a shell's `case` has them.
std::string patterns(const std::vector<Place>& places) {
  std::string text;
  for (const auto& place : places)
    if (!place.path.empty()) text += (text.empty() ? "" : "|") + place.path;
  return text;
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
  const auto& program = app.get_name();
  const auto places = places_of(app);
  std::string script = "# bash completion of " + program + ": source it, or put it into bash-completion's folder.\n_" +
                       program +
                       "() {\n  local place= word words=\n  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n" +
                       "    case \"$place/$word\" in\n      " + patterns(places) +
                       ") place=\"$place/$word\" ;;\n    esac\n  done\n  case \"$place\" in\n";
  for (const auto& place : places) {
    script += "    " + quoted(place.path) + ") words='";
    for (const auto& word : words_at(*place.app)) script += word.name + " ";
    script += "' ;;\n";
  }
  script += "  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\n";
  // What is no word of ours is a file.
  return script + "complete -o default -F _" + program + " " + program + "\n";
}

std::string zsh_completion(const CLI::App& app) {
  const auto& program = app.get_name();
  const auto places = places_of(app);
  std::string script =
      "#compdef " + program + "\n_" + program +
      "() {\n  local place= word\n  local -a choices\n  for word in \"${(@)words[2,CURRENT-1]}\"; do\n" +
      "    case \"$place/$word\" in\n      (" + patterns(places) +
      ") place=\"$place/$word\" ;;\n    esac\n  done\n  case \"$place\" in\n";
  for (const auto& place : places) {
    script += "    (" + quoted(place.path) + ") choices=(";
    for (const auto& word : words_at(*place.app))
      script += " " + quoted(replaced(word.name, ':', "\\:") + ":" + word.about);
    script += " ) ;;\n";
  }
  script += "  esac\n  _describe -o 'command or flag' choices\n  _files\n}\n";
  // Sourced, it registers itself; found by compinit as a file of its own, it is called.
  return script + "if [ \"$funcstack[1]\" = _" + program + " ]; then _" + program + " \"$@\"; else compdef _" +
         program + " " + program + "; fi\n";
}

std::string fish_completion(const CLI::App& app) {
  const auto& program = app.get_name();
  const auto places = places_of(app);
  std::string script = "# fish completion of " + program + "\nfunction __" + program +
                       "_is_at\n  set -l place\n  set -l words (commandline -opc)\n  for word in $words[2..-1]\n" +
                       "    switch \"$place/$word\"\n      case";
  for (const auto& place : places)
    if (!place.path.empty()) script += " " + place.path;
  script += "\n        set place \"$place/$word\"\n    end\n  end\n  test \"$place\" = \"$argv[1]\"\nend\n";
  for (const auto& place : places) {
    for (const auto& word : words_at(*place.app)) {
      const bool is_flag = word.name.starts_with("--");
      script += "complete -c " + program + " -n \"__" + program + "_is_at '" + place.path + "'\" ";
      script += (is_flag ? "-l " + word.name.substr(2) : "-f -a " + word.name) + " -d " +
                quoted(replaced(word.about, '\\', "\\\\")) + "\n";
    }
  }
  return script;
}

}  // namespace tidemark::cli
