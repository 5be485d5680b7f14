"""What an index is asked."""

import pytest

from monitor.model.query import Phrase, Term
from monitor.store.search import compiled
from monitor.text.terms import is_inflected


def test_a_long_phrase_is_read_as_often_as_a_short_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five thousand ligatures of four words each were a phrase that took minutes: all of it was read for each word."""
    reads: list[Term] = []

    def counted(term: Term) -> bool:
        reads.append(term)
        return is_inflected(term)

    monkeypatch.setattr(compiled, "is_inflected", counted)
    phrase = Phrase(("one", "two", "three") * 20, is_exact=True)
    compiled.compile_expression(phrase, {})
    assert len(reads) == 1
