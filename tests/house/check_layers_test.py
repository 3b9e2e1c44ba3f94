"""scripts/check-layers and scripts/check-words: the tree as it is passes, and a tree that breaks a rule fails."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Tree:
    """A small tree of sources under the project's own rules."""

    def __init__(self, folder, files):
        self.root = pathlib.Path(folder)
        (self.root / "docs").mkdir()
        shutil.copy(ROOT / "docs/layers.txt", self.root / "docs")
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n")

    def run(self, script):
        return subprocess.run([sys.executable, "-B", ROOT / "scripts" / script, self.root], capture_output=True, text=True)


class CheckLayers(unittest.TestCase):
    def check(self, files):
        with tempfile.TemporaryDirectory() as folder:
            return Tree(folder, files).run("check-layers")

    def assert_broken(self, files, sentence):
        run = self.check(files)
        self.assertEqual(run.returncode, 1, run.stdout + run.stderr)
        self.assertIn(sentence, run.stdout)

    def test_the_project_itself_passes(self):
        run = subprocess.run([sys.executable, "-B", ROOT / "scripts/check-layers"], capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stdout)

    def test_allowed_edges_pass(self):
        run = self.check({
            "include/tidemark/error.hpp": "#include <string>",
            "src/base/result.hpp": '#include "tidemark/error.hpp"',
            "src/engine/engine.cpp": '#include "base/result.hpp"\n#include "storage/storage.hpp"',
            "src/storage/storage.hpp": '#include "base/result.hpp"',
            "src/storage/storage.cpp": "#include <rocksdb/db.h>",
            "services/inventory/main.cpp": "#include <tidemark/error.hpp>",
        })
        self.assertEqual(run.returncode, 0, run.stdout)

    def test_a_lower_module_may_not_know_a_higher_one(self):
        self.assert_broken({"src/engine/engine.hpp": "", "src/base/clock.cpp": '#include "engine/engine.hpp"'},
                           "src/base/clock.cpp:1: base may not know engine")

    def test_the_kit_reaches_the_engine_only_through_the_store(self):
        self.assert_broken({"src/engine/engine.hpp": "", "src/kit/host/run.cpp": '#include "engine/engine.hpp"'},
                           "kit_host may not know engine")

    def test_what_runs_handlers_knows_nothing_of_the_operators_endpoints(self):
        self.assert_broken({"src/kit/admin/admin.hpp": "", "src/kit/dispatch/intake.cpp": '#include "kit/admin/admin.hpp"'},
                           "kit_dispatch may not know kit_admin")

    def test_the_engine_knows_no_sockets(self):
        self.assert_broken({"src/engine/engine.cpp": "#include <boost/asio.hpp>"}, "engine may not include <boost/asio.hpp>")
        self.assert_broken({"src/engine/engine.cpp": "#include <sys/socket.h>"}, "engine may not include <sys/socket.h>")

    def test_a_hidden_library_is_not_shown_to_another_module(self):
        files = {"src/json/parser.hpp": "#include <rapidjson/reader.h>", "src/json/json.hpp": '#include "json/parser.hpp"',
                 "src/json/json.cpp": '#include "json/json.hpp"'}
        self.assertEqual(self.check(files).returncode, 0)
        self.assert_broken({**files, "src/model/fields.cpp": '#include "json/json.hpp"'},
                           "model would see rapidjson through json/json.hpp")

    def test_a_public_header_shows_no_library_and_no_private_header(self):
        self.assert_broken({"include/tidemark/service.hpp": "#include <boost/asio.hpp>"}, "a public header may not include")
        self.assert_broken({"src/kit/service/spec.hpp": "", "include/tidemark/service.hpp": '#include "kit/service/spec.hpp"'},
                           "a public header may not include src/kit/service/spec.hpp")

    def test_a_module_may_not_know_a_public_header_of_a_higher_one(self):
        self.assert_broken({"include/tidemark/service.hpp": "", "src/json/json.cpp": '#include "tidemark/service.hpp"'},
                           "json may not know tidemark/service.hpp")

    def test_a_service_stands_on_the_public_headers_alone(self):
        self.assert_broken({"src/base/result.hpp": "", "services/roles/roles.cpp": '#include "base/result.hpp"'},
                           "services may not know base")

    def test_a_service_knows_only_the_events_of_another(self):
        files = {"services/payments/events.hpp": "", "services/payments/payments.hpp": ""}
        run = self.check({**files, "services/inventory/inventory.cpp": '#include "payments/events.hpp"'})
        self.assertEqual(run.returncode, 0, run.stdout)
        self.assert_broken({**files, "services/inventory/inventory.cpp": '#include "payments/payments.hpp"'},
                           "inventory may know only events.hpp of its neighbours")

    def test_a_folder_without_rules_is_reported(self):
        self.assert_broken({"src/nowhere/x.hpp": "", "src/base/clock.hpp": '#include "nowhere/x.hpp"'},
                           "belongs to no module")


class CheckWords(unittest.TestCase):
    def check(self, files):
        with tempfile.TemporaryDirectory() as folder:
            tree = Tree(folder, files)
            for command in ["init", "--quiet"], ["add", "--all"]:
                subprocess.run(["git", *command], cwd=folder, check=True)
            return tree.run("check-words")

    def test_coroutines_are_refused_in_sources_only(self):
        word = "co_" + "await"
        self.assertEqual(self.check({"src/base/a.cpp": f"{word} x;"}).returncode, 1)
        self.assertEqual(self.check({"docs/a.md": f"{word} x;"}).returncode, 0)

    def test_unfinished_work_is_refused(self):
        run = self.check({"src/base/a.cpp": "int a;\n// TO" + "DO later"})
        self.assertEqual(run.returncode, 1)
        self.assertIn("src/base/a.cpp:2:", run.stdout)

    def test_a_long_file_is_reported_and_passes(self):
        run = self.check({"src/base/a.cpp": "int a;\n" * 501})
        self.assertEqual(run.returncode, 0)
        self.assertIn("second subject", run.stdout)


if __name__ == "__main__":
    unittest.main()
