"""A file is taken over where its edit began from what is live; else a person decides."""

from datetime import UTC, datetime

import pytest

from monitor.model.versions import DocumentVersion
from monitor.watchlist.importing import decide_import


def versions(*documents: str) -> list[DocumentVersion]:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    return [DocumentVersion("list", number, text, at, "anna") for number, text in enumerate(documents, start=1)]


@pytest.mark.parametrize(
    ("document", "live", "base", "kind"),
    [
        ("edited", (), None, "new"),
        ("one", ("one",), 1, "unchanged"),
        ("one\r\n", ("one\n",), 1, "unchanged"),
        ("edited", ("one",), 1, "new"),
        ("edited", ("one", "two"), 2, "new"),
        ("one", ("one", "two"), 1, "behind"),
        ("edited", ("one", "two"), 1, "conflict"),
        ("two", ("one", "two"), 1, "unchanged"),
        ("one", ("one", "two"), 2, "new"),
        ("edited", ("one",), None, "new"),
        ("one", ("one", "two"), None, "behind"),
        ("edited", ("one", "two"), None, "stranger"),
        ("edited", ("one", "two"), 7, "stranger"),
    ],
    ids=[
        "no list of that name",
        "what is live",
        "what is live, saved on Windows",
        "edited from what is live",
        "edited from the second, which is live",
        "not edited, and another is live",
        "edited, and another is live",
        "edited to what another made live",
        "edited back to the first",
        "a file never seen, and one version only",
        "a file never seen that holds the first",
        "a file never seen that holds something else",
        "a file of a version that is not there",
    ],
)
def test_a_file_becomes(document: str, live: tuple[str, ...], base: int | None, kind: str) -> None:
    assert decide_import(document, versions(*live), base).kind == kind
