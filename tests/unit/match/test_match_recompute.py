"""Judging once more, with meaning in it."""

from dataclasses import replace

import numpy as np

from monitor.match import with_stances
from monitor.match.compared import Compared, passages_of
from monitor.match.recompute import judge_again
from monitor.match.scorer import Scorer
from monitor.model.matching import Assessment, ClaimTuning, MatchInput, Passage
from monitor.model.query import And, Word
from monitor.model.watching import Claim

CLAIM = Claim("sewing", "Women are sent to sew.", "A reporter", And((Word("raid"), Word("sew"))), None, "f1")
ARTICLE = MatchInput("A raid", "Police raided two bars last night. The women were brought to a factory to sew.", "en")


def compared(z: float) -> Assessment:
    passages = passages_of(ARTICLE)
    scorer = Scorer([("list/sewing", CLAIM)], {"list/sewing": ClaimTuning(intercept=-0.7)})
    row = np.full((1, len(passages)), z, np.float32)
    (found,) = scorer.compare(ARTICLE, Compared(passages, row, np.array([97.0], np.float32), "model"), every=True)
    return with_stances((found,), ARTICLE, {"list/sewing": CLAIM.text})[0]


def test_the_score_comes_out_the_same_from_what_the_encoder_said_then() -> None:
    for z in (-1.0, 0.0, 2.5, 5.0):
        then = compared(z)
        again = judge_again(CLAIM, ARTICLE, then)
        assert again.differences == ()
        assert again.assessment is not None
        assert abs(again.assessment.score - then.score) <= 0.0002


def test_a_passage_that_no_longer_stands_in_the_text_is_told() -> None:
    other = replace(ARTICLE, text="Police raided two bars. It rained.")
    assert "other sentences are shown" in judge_again(CLAIM, other, compared(3.0)).differences


def test_a_passage_whose_sentences_ended_elsewhere_then_is_not_shown_beside_its_parts() -> None:
    text = "警方昨晚突击搜查了两家酒吧, raid. 妇女们被带到一家工厂 sew。主任否认了这件事。"
    article = MatchInput("一", text, "zh")
    scorer = Scorer([("list/sewing", CLAIM)])
    whole = Passage(text, 0, len(text))
    (then,) = scorer.match(article, "none")
    stored = replace(then, passages=(whole,), why=replace(then.why, meaning="compared"))
    again = judge_again(CLAIM, article, stored).assessment
    assert again is not None
    assert again.passages
    assert whole not in again.passages


def test_a_short_chinese_sentence_is_compared_as_one_of_twice_its_characters() -> None:
    first, second = "警方昨晚突击搜查了两家酒吧。", "妇女们被带到一家工厂做缝纫。"
    article = MatchInput("", f"{first}{second}她走了。", "zh")
    assert [one.text for one in passages_of(article)] == [first, second]
