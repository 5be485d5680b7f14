"""What is wrong with a document is told with its place, the word and the remedy: each message stands here whole."""

import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import Fault, WatchlistError
from monitor.watchlist.document import read_watchlist
from tests.growth import assert_in_proportion

FOLDER = Path(__file__).parent
GOOD = (FOLDER / "harbour-shelters.yaml").read_text("utf-8")
BROKEN: list[dict[str, Any]] = tomllib.loads((FOLDER / "broken.toml").read_text("utf-8"))["case"]


def _faults(text: str) -> tuple[Fault, ...]:
    with pytest.raises(WatchlistError) as caught:
        read_watchlist(text, "sample.yaml")
    assert str(caught.value).startswith("sample.yaml:")
    return caught.value.faults


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case["name"])
def test_a_fault_is_told_with_its_place_the_word_and_the_remedy(case: dict[str, Any]) -> None:
    of = GOOD[GOOD.index(case["of"]) :] if case.get("to_the_end") else case["of"]
    assert of in GOOD
    with pytest.raises(WatchlistError) as caught:
        read_watchlist(GOOD.replace(of, case["instead"], 1), "my-list.yaml")
    assert str(caught.value) == case["says"]


NOTHING = '1:1: nothing stands in this file: a watchlist begins with "watchlist: a-short-name"'
NO_WATCHLIST = (
    '1:1: this is no watchlist: it begins with "watchlist: a-short-name", then "title:" and "claims:" below it'
)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", NOTHING),
        ("# only a comment\n", NOTHING),
        ("Dear desk, see below", NO_WATCHLIST),
        ("- a\n- b\n", NO_WATCHLIST),
        ("[" * 100_000, "1:21: this is nested more than 20 deep: is a bracket doubled?"),
        (
            "watchlist: x\ntitle: y\n",
            '1:1: "claims" is missing: write at least one, each beginning with "- id:"',
        ),
        ("a: \ud800", "1:4: an invisible control character (U+D800) stands here: delete it"),
        ("? [a]\n: b", "1:3: a key is one word, and here stand several in brackets"),
        (
            "watchlist: x\nnames: {a: [b]\n",
            "2:8: a bracket is opened here and never closed\n  names: {a: [b]\n         ^",
        ),
        ("a: 'x", "1:4: a quote is opened here and never closed\n  a: 'x\n     ^"),
    ],
)
def test_what_is_no_watchlist_at_all_is_refused(text: str, says: str) -> None:
    with pytest.raises(WatchlistError) as caught:
        read_watchlist(text, "my-list.yaml")
    assert str(caught.value) == f"my-list.yaml:{says}"


def test_a_document_of_a_megabyte_is_refused_before_it_is_read() -> None:
    with pytest.raises(WatchlistError) as caught:
        read_watchlist("a: " + "x" * (1024 * 1024), "my-list.yaml")
    assert str(caught.value) == "my-list.yaml: a watchlist has at most 1024 KiB: split it, or is this another file?"


def test_all_faults_are_told_at_once_in_the_order_of_the_lines() -> None:
    text = (
        GOOD.replace("@harbour-aid", "@x")
        .replace("notify:", "notfy:")
        .replace("unpaid OR", "unpaid un")
        .replace("why:", "wy:")
    )
    assert [fault.line for fault in _faults(text)] == [4, 19, 28, 30]


def test_a_query_fault_shows_the_query_and_a_caret() -> None:
    (fault,) = _faults(GOOD.replace("not: animal", "not: animal dog"))
    assert fault.message.splitlines()[1:] == ["  animal dog", "         ^"]


def test_an_alias_bomb_costs_no_more_than_its_length() -> None:
    def bomb(levels: int) -> str:
        pairs = list(pairwise("abcdefghi"))[:levels]
        return "a: &a [x,x]\n" + "".join(f"{this}: &{this} [{','.join(['*' + last] * 9)}]\n" for last, this in pairs)

    def read(text: str) -> None:
        assert "&a names a place" in _faults(text)[0].message

    assert_in_proportion(read, bomb, 8)


def test_deep_brackets_cost_no_more_than_their_length() -> None:
    def read(text: str) -> None:
        assert "nested more than 20 deep" in _faults(text)[0].message

    assert_in_proportion(read, lambda deep: "{a: " * deep, 50_000)


@pytest.mark.parametrize("escape", [r"\e[2J", r"\0", r"\x9b31m", r"\u202e", r"\ud800", r"\L"])
def test_an_escape_brings_in_no_control_character_that_would_be_refused_as_text(escape: str) -> None:
    faults = _faults(GOOD.replace("said_by: The Sample", f'said_by: "The {escape}Sample"', 1))
    assert "control character" in faults[0].message
    assert faults[0].line > 1
