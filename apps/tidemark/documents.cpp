// tidemark documents, collections: what the services keep.
#include <CLI/CLI.hpp>

#include "tidemark/commands.hpp"
#include "tidemark/table.hpp"
#include "tidemark/target.hpp"

namespace tidemark::cli {
namespace {

const std::string COLLECTIONS = "/admin/v1/collections";

struct DocumentFlags {
  std::string collection, id, index, equal, from, below, order, after;
  std::uint32_t limit = 20;

  std::string path() const { return COLLECTIONS + "/" + encoded(collection) + "/documents"; }
};

void show_document(const Tool& tool, const std::string& answer) {
  const auto document = members_of(answer);
  tool.say(text_of(document, "document"));
  tool.say("version " + text_of(document, "version"));
  const auto history = elements_of(text_of(document, "history"));
  if (!history.empty())
    say_table(tool, {{"CHANGED", "time", Shown::time}, {"BY", "by"}, {"TO", "after"}, {"TRACE", "trace_id"}}, history,
              "");
}

// Their names instead of what they are on.
void name_indexes(Members& collection) {
  std::string names;
  for (const auto& index : elements_of(text_of(collection, "indexes")))
    names.append(names.empty() ? "" : ", ").append(text_of(index, "name"));
  collection["indexes"] = Json{json::quote(names)};
}

int query(const Tool& tool, AdminClient& admin, const DocumentFlags& flags) {
  const auto parameters = query_of({{"index", flags.index},
                                    {"equal", flags.equal},
                                    {"from", flags.from},
                                    {"below", flags.below},
                                    {"order", flags.order},
                                    {"after", flags.after},
                                    {"limit", std::to_string(flags.limit)}});
  return ask_and_show(tool, admin, {.path = flags.path() + parameters}, [&](const std::string& answer) {
    say_table(tool, {{"ID", "id"}, {"DOCUMENT", "document"}}, items_of(answer), "no documents are like that");
    if (const auto next = text_of(members_of(answer), "next"); !next.empty())
      tool.say("there are more: --after '" + next + "'");
  });
}

}  // namespace

void add_documents(CLI::App& app, Tool& tool) {
  add_asking(app, tool, "collections", "lists the collections of documents", [&tool](AdminClient& admin) {
    return ask_and_show(tool, admin, {.path = COLLECTIONS}, [&](const std::string& answer) {
      auto collections = items_of(answer);
      for (auto& collection : collections) name_indexes(collection);
      say_table(tool,
                {{"COLLECTION", "name"},
                 {"DOCUMENTS", "documents", Shown::number},
                 {"PARTITIONS", "partitions"},
                 {"INDEXES", "indexes"}},
                collections, "there are no collections: no service has been started");
    });
  });

  auto& family = *app.add_subcommand("documents", "what the services keep");
  family.require_subcommand(1);
  const auto got = std::make_shared<DocumentFlags>();
  auto& get_command = add_asking(family, tool, "get", "shows a document, and its changes that the process remembers",
                                 [&tool, got](AdminClient& admin) {
                                   return ask_and_show(tool, admin, {.path = got->path() + "/" + encoded(got->id)},
                                                       [&](const std::string& answer) { show_document(tool, answer); });
                                 });
  get_command.add_option("collection", got->collection, "its collection: payments.orders")->required();
  get_command.add_option("id", got->id, "its id")->required();

  const auto asked = std::make_shared<DocumentFlags>();
  auto& query_command = add_asking(family, tool, "query", "lists documents, all or by an index",
                                   [&tool, asked](AdminClient& admin) { return query(tool, admin, *asked); });
  query_command.add_option("collection", asked->collection, "the collection: payments.orders")->required();
  query_command.add_option("--index", asked->index, "by this index");
  query_command.add_option("--equal", asked->equal, "where its value is this");
  query_command.add_option("--from", asked->from, "where its value is this or more");
  query_command.add_option("--below", asked->below, "where its value is less than this");
  query_command.add_option("--order", asked->order, "ascending, or descending");
  query_command.add_option("--after", asked->after, "the page after this one's end");
  query_command.add_option("-n,--limit", asked->limit, "at most so many; 20")->check(CLI::Range(1, 500));
}

}  // namespace tidemark::cli
