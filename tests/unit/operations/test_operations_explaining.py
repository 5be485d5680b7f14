"""Why a hit is one; and judged once more the same comes out, or what differs is said. On both databases."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from monitor.errors import UsageError
from monitor.operations.explaining import explain_hit
from monitor.operations.judging import judge_hit
from monitor.operations.opening import Monitor, open_monitor
from monitor.settings import load_settings
from monitor.store.schema import AssessmentRow, Revision
from tests.unit.operations.judged import WATCHLIST, fill, put_document
from tests.unit.store.archives import NOW


@pytest.fixture
def monitor(archive_url: str, tmp_path: Path) -> Iterator[Monitor]:
    settings = load_settings({"MONITOR_DATA_DIR": str(tmp_path / "var"), "MONITOR_DATABASE_URL": archive_url})[0]
    opened = open_monitor(settings, now=lambda: NOW + timedelta(days=1))
    fill(opened)
    yield opened
    opened.archive.close()


def change_why(monitor: Monitor, hit_id: int, **changes: object) -> None:
    with monitor.archive.writing() as connection:
        here = AssessmentRow.hit_id == hit_id
        why = connection.execute(select(AssessmentRow.why).where(here)).scalar_one()
        connection.execute(update(AssessmentRow).where(here).values(why=why | changes))


def test_judged_again_every_hit_comes_out_the_same(monitor: Monitor) -> None:
    for hit_id in (1, 2, 3):
        again = explain_hit(monitor, hit_id).recomputed
        assert again.differences == ()
        assert again.assessment is not None
        assert again.assessment.is_hit


def test_an_explanation_names_score_terms_passages_places_and_revisions(monitor: Monitor) -> None:
    judge_hit(monitor, 1, "relevant", by="Anna")
    told = "\n".join(explain_hit(monitor, 1).sentences)
    for words in (
        *("Probability ", "For it:", "“sew” stands in the text at 47 to 50.", "Shown: “", "judged relevant by Anna"),
        *("revision 1 of the article", "revision 1 of the claim", "watchlist version 1"),
    ):
        assert words in told


def test_spellings_that_mean_the_same_word_are_told_once(monitor: Monitor) -> None:
    terms = [{"term": name, "where": "text", "spans": [[47, 50]], "gloss": ""} for name in ("sew", "sewn", "sewing")]
    change_why(monitor, 1, terms=terms)
    told = explain_hit(monitor, 1).sentences
    assert [one for one in told if "stands in the text" in one] == ["“sew” stands in the text at 47 to 50."]


@pytest.mark.parametrize(
    ("opinion", "words"),
    [
        ({"outcome": "quote_not_in_a_passage"}, "its quote does not stand word for word in a sentence shown."),
        ({"outcome": "timeout", "answered": "it is down"}, "and nothing of its answer is taken: it is down."),
        ({"outcome": "taken", "relevant": False, "quote": "a ferry"}, "does not bear on the claim (“a ferry”)."),
    ],
)
def test_what_a_judge_was_asked_for_nothing_is_said(monitor: Monitor, opinion: dict[str, object], words: str) -> None:
    asked = {"judge": "m@h", "asked": "{}", "answered": "", "relevant": None, "stance": "unclear", "quote": ""}
    change_why(monitor, 1, opinion=asked | {"passage_index": None} | opinion)
    told = next(sentence for sentence in explain_hit(monitor, 1).sentences if sentence.startswith("The judge m@h"))
    assert told.endswith(words)


def test_a_claim_that_changed_since_is_judged_as_it_stood_then(monitor: Monitor) -> None:
    put_document(monitor, WATCHLIST.replace("raid AND sew", "ferry"))
    found = explain_hit(monitor, 1)
    assert found.recomputed.differences == ()
    assert "The claim has changed since." in found.sentences


def test_another_tuning_since_makes_no_difference_for_that_of_then_is_kept(monitor: Monitor) -> None:
    for hit_id in (1, 2, 3):
        judge_hit(monitor, hit_id, "not-relevant")
    assert explain_hit(monitor, 1).recomputed.differences == ()


def test_what_differs_is_said(monitor: Monitor) -> None:
    change_why(monitor, 1, coefficients="0" * 64)
    assert explain_hit(monitor, 1).recomputed.differences == ("the file of weights is another one now",)
    with monitor.archive.writing() as connection:
        connection.execute(update(Revision).values(text="Nothing of it stands here."))
    differences = " ".join(explain_hit(monitor, 2).recomputed.differences)
    for words in ("the score was", 'the feature "holds" was 1.0000', "it was a hit", "other sentences", "other terms"):
        assert words in differences


def test_what_was_set_by_hand_and_what_an_earlier_version_scored_say_so(monitor: Monitor) -> None:
    change_why(monitor, 1, matcher="by hand")
    assert explain_hit(monitor, 1).recomputed.assessment is None
    change_why(monitor, 2, features=[], coefficients="")
    assert "earlier version" in explain_hit(monitor, 2).recomputed.differences[0]


def test_a_hit_that_is_unknown_is_refused(monitor: Monitor) -> None:
    with pytest.raises(UsageError, match="hits list"):
        explain_hit(monitor, 99)
