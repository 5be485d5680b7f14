"""Holding one expression against articles that an index has found."""

import pytest

from monitor.match.search import Search
from monitor.model.query import Expression, Near, Phrase, Word
from monitor.model.searching import SearchedArticle
from monitor.text import stems

ARTICLE = SearchedArticle("Raids", "Police raided a bar. The raider ran.")
KNOWN = {"raid": ["raid", "raided", "raids"], "polic": ["police"]}


@pytest.mark.parametrize(
    ("expression", "marked"),
    [
        (Word("raid"), {"Raids", "raided"}),
        (Near(Word("police"), Word("raid"), 2), {"Police raided"}),
        (Phrase(("police", "raids"), is_exact=False), {"Police raided"}),
        (Word("raid", is_prefix=True), {"Raids", "raided"}),
    ],
)
def test_it_marks_the_same_with_the_words_of_each_stem_as_by_stemming(expression: Expression, marked: set[str]) -> None:
    for search in (Search(expression), Search(expression, KNOWN)):
        look = search.look(ARTICLE)
        assert look.holds
        found = [(one.passage.text, mark) for one in look.passages() for mark in one.marks]
        assert {text[slice(*mark)] for text, mark in found} == marked


def test_where_the_words_of_a_stem_are_known_no_text_is_stemmed(monkeypatch: pytest.MonkeyPatch) -> None:
    search = Search(Word("raid"), KNOWN)
    monkeypatch.setattr(stems._stemmer, "stemWord", lambda _: pytest.fail("a word was stemmed"))
    assert search.look(SearchedArticle("", "Rainbows rampantly raged; then they raided.")).holds
