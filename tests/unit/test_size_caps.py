"""A file or function that outgrows its cap does two things; see CONTRIBUTING.md."""

import ast
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAX_FILE_LINES, MAX_FUNCTION_LINES, USUAL_FUNCTION_LINES = 400, 60, 30
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "base", "misc"}
FILES = sorted(path for folder in ("monitor", "bench") for path in (ROOT / folder).rglob("*.py"))


def function_lines(path: Path) -> list[tuple[str, int]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [(node.name, (node.end_lineno or 0) - node.lineno + 1) for node in found]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_and_its_functions_stay_under_the_hard_caps(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_FILE_LINES
    assert not [(name, lines) for name, lines in function_lines(path) if lines > MAX_FUNCTION_LINES]


def test_nine_functions_in_ten_are_short() -> None:
    lengths = sorted(lines for path in FILES for _name, lines in function_lines(path))
    assert lengths[int(len(lengths) * 0.9)] <= USUAL_FUNCTION_LINES


def test_no_module_is_named_after_nothing_in_particular() -> None:
    assert not [path for path in FILES if path.stem in FORBIDDEN_NAMES]


def test_no_two_files_of_tests_have_one_name() -> None:
    # pytest can't collect the second.
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert [name for name, count in Counter(names).items() if count > 1] == []
