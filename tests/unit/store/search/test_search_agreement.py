"""One expression, three meanings: the matcher, SQLite's FTS5 and PostgreSQL's tsvector find the same articles."""

import random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from monitor.match.search import Search
from monitor.model.query import And, Expression, Lang, Near, Not, Or, Phrase, Site, Title, Word
from monitor.model.searching import SearchedArticle
from monitor.store.engine import Archive
from monitor.store.search.compiled import EVERYTHING
from monitor.store.search.completing import take_in
from monitor.store.search.reading import Index, Period
from monitor.watchlist.query import holds_of_nothing
from tests.unit.store.search.corpus import put_and_index

WORDS = [
    "raid",
    "raids",
    "raided",
    "Factory",
    "factories",
    "re-open",
    "women's",
    "organ",
    "café",
    "don't",
    "2008",
    "a1",
]
KHMER = ["ជួញដូរ", "ជួញ", "ដូរ", "ស្ត្រី", "ត្រី", "ការ", "កា", "កាត់ដេរ", "២០០៨"]
OTHERS = ["工作", "性工作者", "警察", "ที่", "ค้ามนุษย์", "မြန်မာ", "カンボジア", "mại dâm", "полиция", "l’État"]
GAPS = [" ", " ", " ", "", "-", ". ", ", ", "\n", "\u200b", " x ", " “"]
EVERY = [*WORDS, *KHMER, *OTHERS]


def a_text(chance: random.Random, length: int) -> str:
    pool = chance.sample(EVERY, 7)
    return "".join(chance.choice(pool) + chance.choice(GAPS) for _ in range(chance.randrange(length)))


def an_article(chance: random.Random) -> SearchedArticle:
    return SearchedArticle(
        title=a_text(chance, 5),
        text=a_text(chance, 14),
        outlet=chance.choice(["", "", "The Raid Paper", "ការ"]),
        byline=chance.choice(["", "", "A. Factory", "警察"]),
        url=chance.choice(["https://news.example.org/1", "https://example.com/2", "https://www.example.org/3", ""]),
        language=chance.choice(["en", "km", "zh", ""]),
    )


def corpus() -> list[SearchedArticle]:
    chance = random.Random(4)
    articles = [an_article(chance) for _ in range(80)]
    # What PostgreSQL can't keep all places of: far words, and one word without end.
    far = "x " * 17_000
    return [
        *articles,
        SearchedArticle("raid", f"{far} raid factory ជួញដូរ"),
        SearchedArticle("", "raid " * 400 + "ការ ស្ត្រី raid organ"),
        SearchedArticle("raid " * 300 + "organ factory", "organ ការ"),
    ]


CORPUS = corpus()


WORDS_AND_PHRASES: st.SearchStrategy[Expression] = st.one_of(
    st.sampled_from(
        [Word(text) for text in ("raid", "factory", "organs", "re-open", "x", "2008", *KHMER, "工作", "ที่", "ကွ")]
    ),
    st.sampled_from([Word(text, is_exact=True) for text in ("raid", "factory", "women's", "ត្រី", "性工")]),
    st.sampled_from([Word(text, is_prefix=True) for text in ("rai", "fact", "re-o", "ជួញ", "ក", "lan", "sit", "警")]),
    st.sampled_from([Phrase(words) for words in (("raid", "factory"), ("don't",), ("raid", "organ"), ("ជួញ", "ដូរ"))]),
    st.sampled_from([Phrase(words, is_exact=False) for words in (("raid", "factories"), ("re", "opened"))]),
)
TERMS = st.one_of(WORDS_AND_PHRASES, st.sampled_from([Site("example.org"), Site("org"), Lang("km"), Lang("en")]))
SIDES = st.one_of(WORDS_AND_PHRASES, st.lists(WORDS_AND_PHRASES, min_size=2, max_size=3).map(tuple).map(Or))
NEARS = st.builds(Near, SIDES, SIDES, st.integers(0, 6))


def _grow(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(several.map(And), several.map(Or), inner.map(Not), inner.map(Title))


EXPRESSIONS = st.recursive(st.one_of(TERMS, TERMS, NEARS), _grow, max_leaves=8)


def _has_fact_in_title(expression: Expression, *, is_inside: bool = False) -> bool:
    """Tell what the grammar refuses: a title has no site and no language."""
    match expression:
        case Site() | Lang():
            return is_inside
        case And(parts) | Or(parts):
            return any(_has_fact_in_title(part, is_inside=is_inside) for part in parts)
        case Not(part):
            return _has_fact_in_title(part, is_inside=is_inside)
        case Title(part):
            return _has_fact_in_title(part, is_inside=True)
    return False


def test_the_matcher_and_the_index_find_the_same(archive: Archive) -> None:
    put_and_index(archive, CORPUS)
    take_in(archive, lambda _done, _total: None)

    @settings(max_examples=100, suppress_health_check=list(HealthCheck))
    @given(EXPRESSIONS)
    def agree(expression: Expression) -> None:
        assume(not holds_of_nothing(expression) and not _has_fact_in_title(expression))
        search = Search(expression)
        meant = {number for number, article in enumerate(CORPUS, start=1) if search.look(article).holds}
        with archive.reading() as connection:
            index = Index(connection)
            asked = index.asked_of(expression)
            assert asked.part != EVERYTHING
            found = index.newest(asked, Period(), before=None, limit=10_000)
            ranked = index.best(asked, Period(), limit=10_000)
        assert found == sorted(found, reverse=True)
        assert meant <= set(found), "an index may hide nothing"
        if asked.is_exact:
            is_long = {len(CORPUS) - 2, len(CORPUS) - 1, len(CORPUS)}
            assert set(found) - meant <= (set() if archive.is_sqlite else is_long)
        assert (sorted(ranked.ids, reverse=True), ranked.is_partial) == (found, False)

    agree()


def test_postgresql_tells_by_itself_what_is_near_where_no_word_is_a_cluster(archive: Archive) -> None:
    if archive.is_sqlite:
        pytest.skip("FTS5 is asked for both sides")
    chance = random.Random(5)
    texts = ["".join(chance.choice(WORDS[:7]) + chance.choice(GAPS) for _ in range(12)) for _ in range(80)]
    put_and_index(archive, [SearchedArticle("", one, "The Raid Paper") for one in texts])

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(st.builds(Near, WORDS_AND_PHRASES, WORDS_AND_PHRASES, st.integers(0, 6)))
    def agree(near: Expression) -> None:
        search = Search(near)
        looks = [search.look(SearchedArticle("", one, "The Raid Paper")) for one in texts]
        with archive.reading() as connection:
            index = Index(connection)
            found = index.newest(index.asked_of(near), Period(), before=None, limit=1000)
        assert sorted(found) == [number for number, look in enumerate(looks, start=1) if look.holds]

    agree()


def test_whatever_stands_in_an_article_is_found_by_it(archive: Archive) -> None:
    number = 0

    @settings(max_examples=30, suppress_health_check=list(HealthCheck))
    @given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=60), st.integers(0, 40), st.integers(1, 8))
    def found(text: str, start: int, length: int) -> None:
        nonlocal number
        article = SearchedArticle("", text.replace("\0", ""))
        put_and_index(archive, [article])
        number += 1
        search = Search(word := Word(text[start : start + length].casefold()))
        meant = search.look(article).holds
        with archive.reading() as connection:
            index = Index(connection)
            asked = index.asked_of(word)
            assert (number in index.newest(asked, Period(), before=None, limit=1000)) == meant

    found()
