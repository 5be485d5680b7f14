"""Victims' names and ages don't leave the desk; other people's names and other numbers do. All names are invented."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.digest.masking import cover, find_masks, mask_victims
from monitor.digest.quoting import quote_passage
from monitor.model.matching import Passage, TermMatch


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("A 15-year-old girl was held.", "A [age]-year-old girl was held."),
        ("The 32 year old said so.", "The [age] year old said so."),
        ("Two 16-year-olds were freed.", "Two [age]-year-olds were freed."),
        ("A fourteen-year-old was sold.", "A [age]-year-old was sold."),
        ("The woman, aged 23, fled.", "The woman, aged [age], fled."),
        ("She was 17 when police came.", "She was [age] when police came."),
        ("sold at the age of 12 to a broker", "sold at the age of [age] to a broker"),
        ("Velan Toro, 15, said the gate was locked.", "[name], [age], said the gate was locked."),
        ("Ms. Velan Toro (16) sewed for a year.", "Ms. [name] ([age]) sewed for a year."),
        ("Velan Toro, 34, said she was never paid.", "Velan Toro, [age], said she was never paid."),
        (
            "The 15-year-old Velan Toro wept. Toro had no lawyer.",
            "The [age]-year-old [name] wept. [name] had no lawyer.",
        ),
        ("a girl named Velan was locked in", "a girl named [name] was locked in"),
        ("One victim, Velan Toro, fled; Velan Toro is home.", "One victim, [name], fled; [name] is home."),
        ("Survivor Velan Toro spoke.", "Survivor [name] spoke."),
        ("the rescued woman, identified as Velan Toro", "the rescued woman, identified as [name]"),
        ("Velan Toro, a trafficking victim, spoke.", "[name], a trafficking victim, spoke."),
        ("ស្ត្រីអាយុ ១៥ឆ្នាំ ត្រូវបានឃុំ", "ស្ត្រីអាយុ [age]ឆ្នាំ ត្រូវបានឃុំ"),
        ("អាយុ\u200b23\u200bឆ្នាំ", "អាយុ\u200b[age]\u200bឆ្នាំ"),
    ],
)
def test_names_and_ages_of_victims_and_minors_are_covered(text: str, masked: str) -> None:
    assert mask_victims(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "The two-year-old programme ended.",
        "A 12-year-old law forbids it.",
        "Police raided 15 bars and arrested 21 women.",
        "The minister, Velan Toro, denied it on 22 November 2026.",
        "Director Velan Toro said trainees come and go.",
        "In 2014, 17 women were held.",
        "They were paid $50, 20 of them twice.",
        "The victims were taken to Phnom Penh.",
        "A victim in Cambodia said she was held.",
        "Children The Gazette spoke to were silent.",
        "Page 12, 15 and 16 of the report",
        "ក្នុងឆ្នាំ ២០១៥",
    ],
)
def test_what_is_no_victims_name_or_age_stays(text: str) -> None:
    assert mask_victims(text) == text


@settings(max_examples=200)
@given(
    st.lists(st.sampled_from(["Velan", "Toro", "15", ",", " ", "victim", "girl", "-year-old", "(", ")", "was", "."]))
)
def test_masks_are_in_order_and_apart_and_marks_stay_in_the_text(pieces: list[str]) -> None:
    text = "".join(pieces)
    masks = find_masks(text)
    assert all(0 <= mask.start < mask.end <= len(text) for mask in masks)
    assert all(before.end <= after.start for before, after in pairwise(masks))
    marks = [(place, place + 3) for place in range(0, max(0, len(text) - 3), 2)]
    masked, moved = cover(text, marks)
    assert all(0 <= start <= end <= len(masked) for start, end in moved)
    for (start, end), (new_start, new_end) in zip(marks, moved, strict=True):
        if not any(mask.start < end and start < mask.end for mask in masks):
            assert masked[new_start:new_end] == text[start:end]


def test_a_quotation_is_masked_and_its_matches_stay_marked() -> None:
    text = "Velan Toro, 15, was held in the shelter; the gate was locked."
    terms = tuple(
        TermMatch(word, "text", ((100 + text.index(word), 100 + text.index(word) + len(word)),))
        for word in ("shelter", "locked")
    )
    quote = quote_passage(Passage(text, 100, 100 + len(text)), terms, "en")
    assert quote.text == "[name], [age], was held in the shelter; the gate was locked."
    assert [segment.text for segment in quote.segments if segment.is_marked] == ["shelter", "locked"]


def test_long_texts_without_end_take_no_time() -> None:
    for text in ("Velan " * 20_000, "victim " * 20_000, "15-year-old " * 8_000, "A" * 100_000):
        find_masks(text[:20_000])
