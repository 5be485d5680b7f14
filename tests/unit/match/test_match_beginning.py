"""The most telling passages come first, and the others are worth an encoder only where a hit may come of them."""

import numpy as np
import pytest

from monitor.match.beginning import FIRST, first_passages, may_be_hit
from monitor.match.compared import Compared, passages_of
from monitor.match.scorer import Scorer
from monitor.model.matching import MatchInput
from monitor.model.query import Or, Word
from monitor.model.watching import Claim

CLAIM = Claim("sewing", "Women who are arrested in raids are sent to sew.", "A reporter", Or(()), None, "f1")
LONG = MatchInput(
    "A day in the north",
    "It rained on the harbour all day. The ferries stayed where they were. Nobody came to the market in the morning. "
    "Police arrested women in a raid and sent them to a sewing factory. The price of rice went up again. "
    "The river is expected to fall by the end of the week.",
    "en",
)


def compared(z: float) -> Compared:
    first = first_passages(scorer(), LONG, passages_of(LONG))
    return Compared(first, np.full((1, len(first)), z, np.float32), np.zeros(1, np.float32), "model-1")


def scorer() -> Scorer:
    return Scorer([("list/sewing", CLAIM)])


def test_the_title_and_what_the_table_finds_nearest_come_first_in_the_order_of_the_article() -> None:
    first = first_passages(scorer(), LONG, passages_of(LONG))
    assert len(first) == FIRST
    assert first[0].where == "title"
    assert any("sewing factory" in passage.text for passage in first)
    assert [passage.start for passage in first[1:]] == sorted(passage.start for passage in first[1:])


def test_of_few_passages_all_come_first() -> None:
    short = MatchInput("A title", "It rained on the harbour. The ferries stayed where they were.", "en")
    assert first_passages(scorer(), short, passages_of(short)) == passages_of(short)


@pytest.mark.parametrize(("z", "is_worth_it"), [(-1.0, False), (6.0, True)])
def test_what_is_far_from_every_claim_is_not_gone_on_with(z: float, is_worth_it: bool) -> None:
    assert may_be_hit(scorer(), LONG, compared(z)) is is_worth_it


def test_what_the_terms_found_is_always_gone_on_with() -> None:
    by_terms = Scorer([("list/sewing", Claim("sewing", CLAIM.text, "A reporter", Word("raid"), None, "f1"))])
    assert may_be_hit(by_terms, LONG, compared(-1.0))
