"""The pages say what is so: their links lead somewhere, their commands exist, their code is that of the example."""
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "examples").rglob("*.md")),
         *sorted((ROOT / "services").rglob("*.md"))]
PAGES = [page for page in PAGES if "node_modules" not in page.parts]


def anchors(page):
    """The names by which a browser finds the page's headings, made as code forges make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


class Docs(unittest.TestCase):
    def test_links_lead_somewhere(self):
        for page in PAGES:
            for link in re.findall(r"\]\(([^)\s]+)", page.read_text()):
                if link.startswith(("http://", "https://")):
                    continue
                path, _, anchor = link.partition("#")
                target = page.parent / path if path else page
                self.assertTrue(target.exists(), f"{page.relative_to(ROOT)} links to {link}")
                if anchor:
                    self.assertIn(anchor, anchors(target), f"{page.relative_to(ROOT)} links to {link}")

    def test_decisions_are_numbered_in_order(self):
        pages = sorted((ROOT / "docs/adr").glob("*.md"))
        for number, page in enumerate(pages, start=1):
            self.assertTrue(page.name.startswith(f"{number:04}-"), f"{page.name} stands at {number}")
            self.assertTrue(page.read_text().startswith(f"# {number}. "), page.name)

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
