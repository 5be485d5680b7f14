"""Whatever works with the archive by itself outlives a server that restarts in the middle of it."""

import ast
from pathlib import Path

import pytest

from monitor import store

FOLDER = Path(store.__file__).parent
NOT_REPEATED = {
    **dict.fromkeys(
        ("migrate", "_is_at_head", "differences", "current_revision", "foreign_tables"), "at the start, under a lock"
    ),
    **dict.fromkeys(("sum_tables", "thorough_check", "_pragma", "count_evidence"), "long, and typed by hand"),
    "take_in": "goes on batch by batch, each of which is repeated",
    "merge": "goes on step by step, each of which is repeated",
    "_empty": "only SQLite's",
    "is_unfinished": "at the start",
    "_lasting": "gives a transaction to those that are repeated",
}


def works_by_itself() -> list[tuple[str, ast.FunctionDef]]:
    """Return the functions that open a transaction on the archive that they are given."""
    found = []
    for path in sorted(FOLDER.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.args.args and node.args.args[0].arg == "archive":
                calls = {ast.unparse(call.func) for call in ast.walk(node) if isinstance(call, ast.Call)}
                if calls & {"archive.reading", "archive.writing"}:
                    found.append((f"{path.stem}.{node.name}", node))
    return found


@pytest.mark.parametrize(("name", "function"), works_by_itself(), ids=[name for name, _ in works_by_itself()])
def test_a_transaction_that_is_lost_is_repeated_or_there_is_a_reason(name: str, function: ast.FunctionDef) -> None:
    is_retried = "retried" in {ast.unparse(decorator) for decorator in function.decorator_list}
    assert is_retried != (function.name in NOT_REPEATED), name


def test_most_of_the_archive_is_looked_at() -> None:
    assert len(works_by_itself()) > 100
