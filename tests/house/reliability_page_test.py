"""docs/reliability.md names tests that there are."""
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/reliability.md"
ROOTS = ("src/", "tests/")
# TEST(Case, Name), TEST_F and TEST_P, and rapidcheck's.
DECLARED = re.compile(r"\b(?:TEST(?:_F|_P)?|RC_GTEST_PROP)\(\s*(\w+)\s*,\s*(\w+)")
NAMED = re.compile(r"^([A-Z]\w*)\.(\w+|\*)$")


def files_and_tests():
    """Each line's (file, case, name): a test stands behind the file that it is in, on the same line."""
    for line in PAGE.read_text().splitlines():
        file = None
        for word in re.findall(r"`([^`]+)`", line):
            if word.startswith(ROOTS):
                file = word
                yield file, None, None
            elif match := NAMED.match(word):
                yield file, *match.groups()


class ReliabilityPage(unittest.TestCase):
    def test_the_files_that_it_names_exist(self):
        for file in {file for file, _, _ in files_and_tests() if file}:
            self.assertTrue((ROOT / file).exists(), f"docs/reliability.md names {file}")

    def test_the_tests_that_it_names_are_in_their_files(self):
        declared = {path: set(DECLARED.findall(path.read_text())) for folder in ROOTS for path in (ROOT / folder).rglob("*_test.cpp")}
        everywhere = set().union(*declared.values())
        named = [entry for entry in files_and_tests() if entry[1]]
        self.assertGreater(len(named), 100)
        for file, case, name in named:
            # Without a file it is one that the lines before have named.
            tests = declared.get(ROOT / file, set()) if file else everywhere
            found = any(known == case for known, _ in tests) if name == "*" else (case, name) in tests
            self.assertTrue(found, f"docs/reliability.md names {case}.{name}, which is not in {file}")

    def test_it_is_said_on_the_front_page(self):
        self.assertIn("(docs/reliability.md)", (ROOT / "README.md").read_text())


if __name__ == "__main__":
    unittest.main()
