import time
from pathlib import Path

import pytest

from monitor.errors import Fault, WatchlistError
from monitor.watchlist.document import read_watchlist

GOOD = Path(__file__).with_name("harbour-shelters.yaml").read_text("utf-8")


def _faults(text: str) -> tuple[Fault, ...]:
    with pytest.raises(WatchlistError) as caught:
        read_watchlist(text, "sample.yaml")
    assert str(caught.value).startswith("sample.yaml:")
    return caught.value.faults


# what is broken: (text in the good document, what stands there instead, line, column, the message)
BROKEN = {
    "an unknown key": ("notify: alert", "notfy: alert", 30, 5, 'unknown key "notfy" (did you mean "notify"?)'),
    "an unknown key far from any": (
        "why:",
        "zzz:",
        4,
        1,
        'unknown key "zzz" (known here: watchlist, title, why, where, article',
    ),
    "an unknown key in a name": ("note: search aid", "nte: x", 8, 35, 'unknown key "nte" (did you mean "note"?)'),
    "a country that is none": (
        "why:",
        "where: Cambodja\nwhy:",
        4,
        8,
        'is no country that is known here (did you mean "Cam',
    ),
    "no said_by": (
        "    said_by: The Sample\n    terms:\n      en: >-",
        "    terms:\n      en: >-",
        22,
        5,
        '"said_by" is missing',
    ),
    "an empty said_by": (
        "said_by: The Sample\n    terms:\n      en: '",
        "said_by:\n    terms:\n      en: '",
        17,
        5,
        'nothing stands under "said_by"',
    ),
    "a wrong notify": (
        "notify: alert",
        "notify: daily",
        30,
        13,
        "\"notify\" should be 'digest' or 'alert', not \"daily\"",
    ),
    "claims that are no list": ("claims:\n", "claims:\n  x: y\nrest:\n", 15, 3, '"claims" should be a list'),
    "terms that are no mapping": (
        '    terms:\n      en: >-\n        unpaid OR\n        "no wage"',
        "    terms: unpaid",
        26,
        12,
        '"terms" should be keys and values, not "unpaid"',
    ),
    "an id that is no slug": ("id: unpaid", "id: Un_paid", 22, 9, '"Un_paid" is not a short name'),
    "a language that is none": ("km: ជួញដូរ", "khmer: ជួញដូរ", 20, 7, '"khmer" is not a language'),
    "two claims of one id": (
        "id: unpaid",
        "id: held-in-shelters",
        22,
        9,
        'the claim "held-in-shelters" stands twice; the first is on line 15',
    ),
    "a key that stands twice": (
        "title: Pay",
        "claim: Twice",
        24,
        5,
        '"claim" stands twice here; the first is on line 23',
    ),
    "a bad address": ("https://sample.example/1", "ftp://sample.example", 5, 52, "is not a web address"),
    "a day that is none": ("2014-06-03", "2014-02-30", 5, 89, '"2014-02-30" is not a date'),
    "a query with two words": (
        "@harbour-aid)",
        "garment factory)",
        19,
        33,
        'held-in-shelters, "en": put AND, OR or quotes between "garment" and "factory"',
    ),
    "a fault in the second line of a folded query": (
        '"no wage"',
        'no "wage"',
        29,
        12,
        'unpaid, "en": put AND, OR or quotes between "no" and "wage"',
    ),
    "a fault after a doubled quote": ("'(shelter*", "'(women''s shelter", 19, 22, "put AND, OR or quotes"),
    "an unknown name": (
        "@harbour-aid",
        "@harbor-aid",
        19,
        25,
        'no name "harbor-aid" stands under "names" (did you mean "@harbour-aid"?)',
    ),
    "an exclusion that denies": (
        "not: animal",
        "not: NOT animal",
        21,
        10,
        'held-in-shelters, "not": this holds for an article with none',
    ),
    "a Khmer term without a gloss": (
        "km: ជួញដូរ",
        "km: ជួញដូរ OR បង្ក្រាប",
        20,
        21,
        'the Khmer term "បង្ក្រាប" has no English gloss',
    ),
    "an empty gloss": ("gloss: trafficking", "gloss:", 13, 7, 'nothing stands under "gloss"'),
    "a name without spellings": (
        "finder: {spellings: [Net Loft], note: search aid}",
        "finder: []",
        8,
        11,
        '"spellings"',
    ),
    "a tab": ("  harbour-aid:", "\tharbour-aid:", 7, 1, "indent with spaces"),
    "an unquoted @": ("km: ជួញដូរ", "km: @harbour-aid", 20, 11, "put a text that begins with @ in single quotes"),
    "quotes in the middle": ("km: ជួញដូរ", 'km: "ជួញដូរ" OR x', 20, 20, "put the whole text in single quotes"),
    "a colon in a text": ("claim: Nobody", "claim: They say: nobody", 24, 20, 'put a text that holds ": " in quotes'),
    "an anchor": ("title: Pay", "title: &pay Pay", 23, 12, "&pay names a place to refer to"),
    "an alias": ("title: Pay", "title: *pay", 23, 12, "*pay refers to another place"),
    "a tag": ("title: Pay", "title: !!python/object:os.system x", 23, 12, "YAML tags have no use here"),
    "a second document": ("claims:\n", "---\nclaims:\n", 14, 1, "a second one begins here"),
    "a control character": ("Nobody is", "Nobody\x00is", 24, 18, "an invisible control character (U+0000)"),
    "a direction mark": ("Nobody is", "Nobody\u202eis", 24, 18, "U+202E"),
}


@pytest.mark.parametrize(("good", "bad", "line", "column", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_a_fault_is_told_with_its_place_and_its_remedy(
    good: str, bad: str, line: int, column: int, message: str
) -> None:
    assert GOOD.count(good) >= 1
    faults = _faults(GOOD.replace(good, bad, 1) if good != "title: Pay" else GOOD.replace(good, bad))
    assert any(message in fault.message for fault in faults), faults
    fault = next(fault for fault in faults if message in fault.message)
    assert (fault.line, fault.column) == (line, column)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the document is empty"),
        ("# only a comment\n", "the document is empty"),
        ("just words", "should be keys and values"),
        ("- a\n- b\n", "should be keys and values"),
        ("[" * 100_000, "nested too deeply"),
        ("watchlist: x\nclaims: []\ntitle: y", '"claims"'),
        ("a: " + "x" * (1024 * 1024), "at most 1024 KiB"),
        ("a: 'x", "this quote is never closed"),
        ("a: \ud800", "U+D800"),
        ("? [a]\n: b", "a key is a word"),
    ],
)
def test_what_is_no_watchlist_at_all_is_refused(text: str, message: str) -> None:
    assert any(message in fault.message for fault in _faults(text)), _faults(text)


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


def test_an_alias_bomb_and_deep_brackets_cost_no_time() -> None:
    pairs = zip("abcdefgh", "bcdefghi", strict=True)
    bomb = "a: &a [x,x]\n" + "".join(f"{this}: &{this} [{','.join(['*' + last] * 9)}]\n" for last, this in pairs)
    started = time.process_time()
    assert "&a names a place" in _faults(bomb)[0].message
    assert "nested too deeply" in _faults("{a: " * 50_000)[0].message
    assert time.process_time() - started < 2


@pytest.mark.parametrize("escape", [r"\e[2J", r"\0", r"\x9b31m", r"\u202e", r"\ud800", r"\L"])
def test_an_escape_brings_in_no_control_character_that_would_be_refused_as_text(escape: str) -> None:
    faults = _faults(GOOD.replace("said_by: The Sample", f'said_by: "The {escape}Sample"', 1))
    assert "control character" in faults[0].message
    assert faults[0].line > 1
