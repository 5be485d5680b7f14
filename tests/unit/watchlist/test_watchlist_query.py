import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model.query import And, Expression, Lang, Near, Not, Or, Phrase, Site, Title, Word
from monitor.watchlist.grammar import QueryError
from monitor.watchlist.query import canonical_form, parse_query

NAMES = {"harbour-aid": ["Harbour Aid", "HA", "ជំនួយកំពង់ផែ"], "lone": ["Lone"], "hollow": []}
A, B, C = Word("a"), Word("b"), Word("c")


@pytest.mark.parametrize(
    ("query", "expression"),
    [
        ("Raid", Word("raid")),
        ("a AND b", And((A, B))),
        ("a OR b AND c", Or((A, And((B, C))))),
        ("(a OR b) AND c", And((Or((A, B)), C))),
        ("a AND NOT b", And((A, Not(B)))),
        ("a AND NOT b NEAR/2 c", And((A, Not(Near(B, C, 2))))),
        ("a OR (b OR c)", Or((A, B, C))),
        ("((a))", A),
        ("a NEAR/40 (b OR c)", Near(A, Or((B, C)), 40)),
        ("garment*", Word("garment", is_prefix=True)),
        ("re-education", Phrase(("re", "education"), is_exact=False)),
        ("re-educat*", Word("re-educat", is_prefix=True)),
        ('"against their will"', Phrase(("against", "their", "will"))),
        ('"Locked"', Word("locked", is_exact=True)),
        ("title:raid", Title(Word("raid"))),
        ('TITLE:"the raid" AND a', And((Title(Phrase(("the", "raid"))), A))),
        ("title:(a OR b) AND NOT title:c", And((Title(Or((A, B))), Not(Title(C))))),
        ("site:www.Example.org AND lang:KM", And((Site("example.org"), Lang("km")))),
        ("(site:example.org OR site:kh) AND a", And((Or((Site("example.org"), Site("kh"))), A))),
        ("“curly quotes” AND a", And((Phrase(("curly", "quotes")), A))),
        ("women’s AND U.S.", And((Word("women's"), Word("u.s.")))),
        ("“AND” OR and", Or((Word("and", is_exact=True), Word("and")))),
        ("ជួញ\u200bដូរ", Word("ជួញដូរ")),
        ("ជួញដូរ*", Word("ជួញដូរ", is_prefix=True)),
        (
            "@harbour-aid",
            Or((Phrase(("harbour", "aid")), Word("ha", is_exact=True), Word("ជំនួយកំពង់ផែ", is_exact=True))),
        ),
        (
            "@lone NEAR/3 @harbour-aid AND a",
            And((Near(Word("lone", is_exact=True), parse_query("@harbour-aid", NAMES), 3), A)),
        ),
        ("a\n  AND\n  b", And((A, B))),
    ],
)
def test_a_query_is_read_as_it_is_written(query: str, expression: Expression) -> None:
    assert parse_query(query, NAMES) == expression


@pytest.mark.parametrize(
    ("query", "position", "message"),
    [
        ("", 0, "the query is empty"),
        ("garment factory", 8, 'put AND, OR or quotes between "garment" and "factory"'),
        ("a and b", 2, 'put AND, OR or quotes between "a" and "and"; operators are in capitals: AND'),
        ('a ("b c")', 2, 'put AND, OR or quotes between "a" and "("'),
        ('("b c" "d")', 7, 'put AND, OR or quotes between "b c" and "d"'),
        ("a NOT b", 2, "put AND before NOT"),
        ("NOT b", 0, "none of the words"),
        ("a OR NOT b", 0, "none of the words"),
        ("NOT NOT b", 4, "NOT NOT cancels itself"),
        ("a AND NOT (b OR NOT c)", 20, "a NOT inside a NOT"),
        ("AND a", 0, "AND needs something before it"),
        ("a OR", 2, "OR needs something after it"),
        ("a AND OR b", 6, "something is missing between AND and OR"),
        ("(AND a)", 1, "AND needs something before it"),
        ("a AND ()", 7, "nothing stands in these brackets"),
        ("(a AND (b)", 0, "this bracket is never closed"),
        ("a)", 1, "nothing opens this bracket"),
        ('a AND "b', 6, "this quote is never closed"),
        ('""', 0, "nothing that can be looked for"),
        ('"..."', 0, "nothing that can be looked for"),
        ("a AND ...", 6, "no letter and no digit"),
        ("a NEAR b", 2, "write NEAR/n"),
        ("a NEAR/0 b", 2, "n from 1 to 100"),
        ("a NEAR/101 b", 2, "n from 1 to 100"),
        ("a NEAR/many b", 2, "write NEAR/n"),
        ("a NEAR/5 b NEAR/5 c", 11, "NEAR joins two things: write (a NEAR/5 b) AND (b NEAR/5 c)"),
        ("a NEAR/5 (b AND c)", 2, "NEAR joins words, phrases, names and groups of them with OR"),
        ("a NEAR/5 (b NEAR/2 c)", 2, "NEAR joins words"),
        ("a NEAR/5 NOT b", 9, "can't take NOT"),
        ("ab*", 0, "at least three letters"),
        ("ក*", 0, "at least two Khmer clusters"),
        ("fo*o", 2, "* stands only at the end"),
        ('"sew tra*"', 8, "* means something only after a word without quotes"),
        ("a AND -b", 6, "write AND NOT b"),
        ("a AND b,c", 7, '"," means nothing here'),
        ("a NAER/5 b", 2, "did you mean NEAR/5?"),
        ("a ADN b", 2, "did you mean AND?"),
        ("title:", 0, "title: needs something after it"),
        ("title: AND a", 7, "something is missing between title: and AND"),
        ("title:NOT a", 6, "write NOT before the field"),
        ("title:(site:kh OR a)", 0, "a title has no site"),
        ("a NEAR/3 title:b", 2, "NEAR joins words"),
        ("site:https://example.org/x", 0, "write a host after site:"),
        ("site:(a OR b)", 0, "write a host after site:"),
        ("lang:english", 0, "write an ISO 639 code after lang:"),
        ("...*", 0, "at least three letters"),
        ("性*", 0, "at least two characters"),
        ("@harbor-aid", 0, 'no name "harbor-aid" stands under "names": did you mean "@harbour-aid"?'),
        ("a AND @nobody-at-all", 6, 'no name "nobody-at-all" stands under "names"'),
        ("@other/pier", 0, "a list uses its own names alone, written without a list before them"),
        ("a AND @", 6, "@ needs a name right after it"),
        ("@hollow", 0, "@hollow has no spellings"),
        ("(" * 51 + "a" + ")" * 51, 50, "at most 50 deep"),
        (" OR ".join(f"w{n}" for n in range(1001)), 0, "at most 1000 different words"),
    ],
)
def test_a_query_that_could_mean_two_things_or_none_is_refused_with_the_remedy(
    query: str, position: int, message: str
) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(query, NAMES)
    assert message in caught.value.message
    assert caught.value.position == position


def test_the_message_shows_the_place_under_the_line() -> None:
    with pytest.raises(QueryError) as caught:
        parse_query("raid AND\n  garment factory", {})
    assert str(caught.value).splitlines()[1:] == ["    garment factory", "            ^"]


_TOKENS = [
    "a",
    "title:",
    "site:",
    "lang:",
    "km",
    "AND",
    "OR",
    "NOT",
    "NEAR/2",
    "(",
    ")",
    '"b c"',
    "@lone",
    "*",
    "xyz*",
    "-",
    "ក\u17d2",
]
_QUERIES = [
    "a",
    '"a"',
    "title:a",
    "site:a.kh",
    "lang:km",
    "x-y",
    '"x y"',
    "b AND c",
    "b OR c",
    "b NEAR/2 c",
    "b NEAR/3 c",
    '"b c"',
    "bbb*",
    "bbb",
]


@given(st.lists(st.sampled_from(_TOKENS), max_size=12))
def test_whatever_is_typed_is_read_or_refused_in_words(tokens: list[str]) -> None:
    with contextlib.suppress(QueryError):
        parse_query(" ".join(tokens), NAMES)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    with contextlib.suppress(QueryError):
        parse_query(text, NAMES)


def test_where_there_is_no_address_site_and_language_are_refused() -> None:
    assert parse_query("title:a", {}, has_facts=False) == Title(A)
    with pytest.raises(QueryError, match="site: can't be asked here"):
        parse_query("a AND site:example.org", {}, has_facts=False)


def test_the_order_of_operands_does_not_change_what_a_query_is() -> None:
    one = parse_query('(a OR "b c") AND (xyz* NEAR/3 y) AND NOT z', {})
    other = parse_query('NOT z AND (y NEAR/3 xyz*) AND ("b c" OR a)', {})
    assert canonical_form(one) == canonical_form(other)
    assert canonical_form(one) != canonical_form(parse_query('(a OR "b c") AND (xyz NEAR/3 y) AND NOT z', {}))


@given(st.sampled_from(_QUERIES), st.sampled_from(_QUERIES))
def test_different_queries_have_different_forms(query: str, other: str) -> None:
    one, two = parse_query(query, {}), parse_query(other, {})
    assert (canonical_form(one) == canonical_form(two)) == (one == two)
