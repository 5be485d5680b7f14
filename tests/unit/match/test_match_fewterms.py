"""A few terms are found as an index of all claims' terms would find them."""

import random

import pytest

from monitor.match.fewterms import FewTerms
from monitor.match.terms import TermIndex
from monitor.model.query import Phrase, Term, Word
from monitor.text.normalise import normalise
from monitor.text.tokens import Tokens

WORDS = ["raid", "raids", "raided", "Factory", "factories", "re-open", "reopened", "opens", "women's", "dying", "die"]
OTHERS = ["ជួញដូរ", "ជួញ", "ត្រី", "ស្ត្រី", "工作", "2008", "café", "x"]
TERMS: list[Term] = [
    *(Word(text) for text in ("raid", "factory", "re-open", "die", "ជួញ", "工作", "2008", "open", "lion", "…")),
    *(Word(text, is_exact=True) for text in ("raid", "café", "women's", "ត្រី")),
    *(Word(text, is_prefix=True) for text in ("rai", "re-o", "ជួញ", "200", "zzz")),
    *(Phrase(words) for words in (("raid", "factory"), ("x", "raid", "x"), ("ជួញ", "ដូរ"), ("raid", "raid"))),
    *(Phrase(words, is_exact=False) for words in (("raid", "factories"), ("re", "opened"), ("2008", "die"))),
]
KNOWN = {"raid": ["raid", "raided", "raids"], "factori": ["factories", "factory"], "die": ["die", "dying"]}


@pytest.mark.parametrize("inflections", [{}, KNOWN], ids=["by their stems", "by the words of each stem"])
def test_they_stand_where_the_index_says(inflections: dict[str, list[str]]) -> None:
    chance = random.Random(7)
    index = TermIndex(TERMS)
    few = FewTerms(list(index.numbers.items()), inflections)  # type: ignore[arg-type] # no facts are among them
    met: set[int] = set()
    for _ in range(300):
        text = " ".join(chance.choices([*WORDS, *OTHERS], k=chance.randrange(14)))
        forms = Tokens(normalise(text).text).forms
        wanted = {number: list(spans) for number, spans in index.find(forms).items()}
        assert {number: list(spans) for number, spans in few.find(forms).items()} == wanted
        met |= wanted.keys()
    assert len(met) > 20, "most of them stand somewhere"
