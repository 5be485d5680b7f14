"""What the evaluation says of the shipped watchlist, and that the watchlist stays as good as it is."""

import json
from pathlib import Path

import pytest

from bench.evaluate.subject import INVENTED, Judged, judge, read_shipped
from monitor.match.matcher import Matcher
from monitor.model.matching import MatchInput
from monitor.model.watching import Claim

RAID = "Women arrested in a raid on a Phnom Penh brothel were taught to sew in a shelter. Nobody asked them."
STRIKE = "Garment workers in Phnom Penh went on strike."


def _judged(folder: Path, *rows: tuple[str, str, dict[str, str], str]) -> Judged:
    path = folder / "some.jsonl"
    lines = (
        {"id": name, "title": "", "text": text, "lang": "en", "kind": kind, "labels": labels, "evidence": {}}
        for name, text, labels, kind in rows
    )
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return judge(path)


def test_a_wanted_text_that_is_hit_counts_for_us_and_an_unwanted_one_against(tmp_path: Path) -> None:
    claim = "raids-to-garment-work"
    wanted = {claim: "supports"}
    judged = _judged(
        tmp_path, ("a", RAID, wanted, "positive"), ("b", STRIKE, {}, "hard_negative"), ("c", RAID, {}, "other")
    )
    assert judged.told == {"a", "c"}
    assert judged.pairs([claim]) == pytest.approx((0.5, 1.0, 2 / 3))


def test_equal_scores_count_against_us(tmp_path: Path) -> None:
    judged = _judged(
        tmp_path, ("a", STRIKE, {"unpaid-training": "supports"}, "positive"), ("b", STRIKE, {}, "hard_negative")
    )
    assert judged.precisions() == {"unpaid-training": 0.5}


@pytest.mark.parametrize("half", ["tuned", "held", "later"])
def test_the_invented_texts_are_told_apart_as_well_as_before(half: str) -> None:
    judged = judge(INVENTED / f"{half}.jsonl")
    precisions = judged.precisions().values()
    assert sum(precisions) / len(precisions) > 0.7
    assert judged.pairs(judged.claims)[2] > 0.7
    others, all_others = judged.found([t for t in judged.texts if t.stances and t.article.language != "en"])
    assert others / all_others > 0.9
    near, all_near = judged.found([text for text in judged.texts if text.kind == "hard_negative"])
    assert near / all_near < 0.05
    right, shown = judged.shown()
    assert right / shown > 0.9


@pytest.mark.parametrize("claim", read_shipped().claims, ids=lambda claim: claim.key)
def test_a_claim_is_found_in_its_own_sentence(claim: Claim) -> None:
    assert Matcher([("it", claim)]).find_hits(MatchInput("", f"{claim.text} In Cambodia.", "en")) == ("it",)


def test_texts_that_avoid_the_words_are_found_in_part_and_no_near_topic_one_is() -> None:
    judged = judge(INVENTED / "plain.jsonl")
    precision, recall, _ = judged.pairs(judged.claims)
    assert precision > 0.8
    assert recall > 0.3
    assert judged.found([text for text in judged.texts if text.kind == "hard_negative"])[0] == 0
