"""The measures that decide what ships."""

from pathlib import Path

import numpy as np
import pytest

from bench.evaluate.__main__ import main
from bench.evaluate.diagram import reliability_svg
from bench.evaluate.judgements import with_judgements
from bench.evaluate.measures import average_precision, precision_recall, true_positives_at, wilson
from bench.evaluate.namefree import Names


def test_average_precision_is_one_where_the_relevant_come_first_and_less_where_not() -> None:
    relevant = np.array([True, False, True])
    assert average_precision(np.array([0.9, 0.1, 0.8]), relevant) == 1
    assert average_precision(np.array([0.9, 0.8, 0.1]), relevant) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision(np.array([0.9, 0.8]), np.array([False, False])) == 0


def test_precision_and_recall_of_nothing_told_are_nought() -> None:
    assert precision_recall(np.array([False]), np.array([True])) == (0, 0, 0)
    assert precision_recall(np.array([True, True]), np.array([True, False])) == pytest.approx((0.5, 1.0, 2 / 3))


def test_true_positives_are_counted_above_the_line_that_few_others_pass() -> None:
    others = np.arange(1000) / 1000
    assert true_positives_at(np.array([2.0, 0.5]), others, 0.01) == 0.5


def test_an_interval_is_wide_where_little_was_seen() -> None:
    assert wilson(0, 0) == (0, 1)
    low, high = wilson(1, 1)
    assert low < 0.3
    assert high == 1


def test_names_and_numbers_are_taken_out_of_a_claim_and_other_words_stay() -> None:
    names = Names(["The police in Phnom Penh raided a bar", "A market of police and women opened in Phnom Penh"])
    assert names.stripped("Police raided 12 bars and arrested women in Phnom Penh") == (
        "Police raided bars and arrested women in"
    )
    assert names.stripped("Phnom Penh 2014") == ""


def test_judgements_that_correct_the_level_of_a_claim_raise_what_is_right() -> None:
    scores = np.tile(np.linspace(0.01, 0.3, 60), (3, 1))
    wanted = scores > 0.15
    before, *_, after = with_judgements(scores, wanted)
    assert after > before


def test_a_diagram_has_a_dot_for_each_tenth() -> None:
    assert reliability_svg([(0.1, 0.2, 5), (0.9, 0.8, 7)]).count("<circle") == 2


def test_a_set_that_is_missing_is_named_and_without_any_there_is_nothing_to_measure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tmp_path), "--cache", str(tmp_path), "--no-encoder"]) == 2
    said = capsys.readouterr().err
    assert f"khmer: left out, for {tmp_path} lacks khmer_news_1000.zip" in said
    assert said.endswith("left out: retrieval, crosslingual, subject, khmer, gate, speed\n")


def test_a_set_that_cannot_be_read_fails_its_section_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "khmer_news_1000.zip").write_bytes(b"no zip")
    assert main(["--data", str(tmp_path), "--cache", str(tmp_path), "--no-encoder", "--only", "khmer"]) == 1
    assert "khmer: failed, BadZipFile" in capsys.readouterr().err
