"""The pages say what is so: their links lead somewhere, their commands exist, their code is that of the example."""
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "examples").rglob("*.md")),
         *sorted((ROOT / "services").rglob("*.md"))]
PAGES = [page for page in PAGES if "node_modules" not in page.parts]


class Docs(unittest.TestCase):
    def test_links_lead_somewhere(self):
        for page in PAGES:
            for link in re.findall(r"\]\(([^)#\s]+)", page.read_text()):
                if not link.startswith(("http://", "https://")):
                    self.assertTrue((page.parent / link).exists(), f"{page.relative_to(ROOT)} links to {link}")

    def test_the_make_targets_exist(self):
        targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
        for page in PAGES:
            named = re.findall(r"(?:`|^)make ((?:[a-z-]+ ?)+)(?:`| +#|$)", page.read_text(), re.M)
            for target in {word for words in named for word in words.split()}:
                self.assertIn(target, targets, page.relative_to(ROOT))

    def test_the_code_on_the_front_page_is_that_of_the_example(self):
        example = (ROOT / "examples/hello/main.cpp").read_text()
        blocks = re.findall(r"```cpp\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
        self.assertTrue(blocks)
        for paragraph in (paragraph.strip() for block in blocks for paragraph in block.split("\n\n")):
            self.assertIn(paragraph, example)

    def test_the_code_on_the_page_about_testing_is_that_of_the_example(self):
        example = (ROOT / "examples/savings/savings_test.cpp").read_text()
        (block,) = re.findall(r"```cpp\n(.*?)```", (ROOT / "docs/testing.md").read_text(), re.S)
        self.assertEqual(block, example)


if __name__ == "__main__":
    unittest.main()
