"""Which claims hold is told for all of them at once; it must be what each would say by itself."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.match import Matcher
from monitor.model.matching import MatchInput
from monitor.model.query import And, Expression, Lang, Near, Not, Or, Phrase, Title, Word
from monitor.model.watching import Claim

_LETTERS = "abcdefgh"
_TERMS: st.SearchStrategy[Expression] = st.sampled_from([Word(letter) for letter in _LETTERS]) | st.sampled_from(
    [Phrase(("a", "b")), Phrase(("b", "c", "d")), Lang("km")]
)
_GROUPS = st.lists(_TERMS, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))) | _TERMS
_OTHERS = st.sampled_from(
    [Near(Word("a"), Word("b"), 1), Title(Word("a")), Or((And((Word("a"), Word("b"))), Word("c")))]
)
_EXPRESSIONS = st.builds(
    lambda wanted, unwanted: And((*wanted, *map(Not, unwanted))),
    st.lists(_GROUPS | _OTHERS, min_size=1, max_size=6),
    st.lists(_GROUPS, max_size=2),
)
_CLAIMS = st.lists(st.tuples(_EXPRESSIONS, st.none() | _TERMS), min_size=1, max_size=8)
_TEXTS = st.lists(st.sampled_from([*_LETTERS, "x"]), max_size=9).map(" ".join)


def _claim(expression: Expression, exclusion: Expression | None) -> Claim:
    return Claim("claim", "A claim.", "The Sample", expression, exclusion, "0")


@given(_CLAIMS, _TEXTS, _TEXTS, st.sampled_from(["", "km"]))
def test_many_claims_together_hold_as_each_does_alone(
    pairs: list[tuple[Expression, Expression | None]], title: str, text: str, language: str
) -> None:
    article = MatchInput(title, text, language)
    claims = [(str(n), _claim(*pair)) for n, pair in enumerate(pairs)]
    alone = [found.claim_key for one in claims for found in Matcher([one]).match(article) if found.is_hit]
    # Each alone is told by its coverage, which asks the expression itself.
    assert [key for key in Matcher(claims).find_hits(article) if key in alone] == alone
    without_terms = {key for key, claim in claims if Matcher([(key, claim)]).find_hits(article) == (key,)}
    assert set(Matcher(claims).find_hits(article)) == without_terms
