import pytest

from monitor.match import Matcher
from monitor.model.matching import Assessment, MatchInput
from monitor.model.query import And, Expression, Lang, Near, Not, Or, Phrase, Site, Title, Word
from monitor.model.watching import Claim

RAID, SEWING, PAY = Word("raid"), Word("sewing"), Word("pay", is_prefix=True)


def _claim(expression: Expression, exclusion: Expression | None = None) -> Claim:
    return Claim("claim", "A claim.", "The Sample", expression, exclusion, "0", (("ជួញដូរ", "trafficking"),))


def _match(
    expression: Expression, text: str, *, title: str = "", exclusion: Expression | None = None
) -> Assessment | None:
    matched = Matcher([("list/claim", _claim(expression, exclusion))]).match(MatchInput(title, text))
    return matched[0] if matched else None


def _is_hit(expression: Expression, text: str, *, title: str = "") -> bool:
    assessment = _match(expression, text, title=title)
    return assessment is not None and assessment.is_hit


def test_an_article_with_none_of_the_terms_is_not_assessed() -> None:
    assert _match(RAID, "Nothing of the kind.") is None
    assert _match(And((RAID, Not(SEWING))), "Only sewing, which is denied.") is None


def test_and_spans_title_and_text_but_near_and_phrases_do_not() -> None:
    assert _is_hit(And((RAID, SEWING)), "They were taught sewing.", title="Raid at the pier")
    assert not _is_hit(Near(RAID, SEWING, 100), "They were taught sewing.", title="Raid at the pier")
    assert not _is_hit(Phrase(("pier", "they")), "They were taught sewing.", title="Raid at the pier")


@pytest.mark.parametrize(
    ("text", "distance", "is_near"),
    [
        ("raid one two sewing", 2, True),
        ("raid one two sewing", 1, False),
        ("sewing one two raid", 2, True),
        ("raid. One.\n\nTwo. Sewing", 2, True),
        ("raid’s one sewing", 2, True),
        ("raid x x x x x sewing x raid", 1, True),
        ("raid " + "ក" * 5 + " sewing", 1, True),
        ("raid " + "ក" * 6 + " sewing", 1, False),
    ],
)
def test_near_counts_the_words_between_in_either_order(text: str, distance: int, *, is_near: bool) -> None:
    assert _is_hit(Near(RAID, SEWING, distance), text) is is_near


def test_near_takes_the_spelling_that_stands_there_of_however_many() -> None:
    spellings = Or((SEWING, Phrase(("garment", "work")), *(Word(f"spelling{n}") for n in range(100))))
    assert _is_hit(Near(RAID, spellings, 1), "a raid and garment work")
    assert not _is_hit(Near(RAID, spellings, 1), "a raid and, later, garment work")
    assert not _is_hit(Near(RAID, spellings, 1), "a raid and nothing")


def test_near_takes_two_places_and_never_one_for_both_sides() -> None:
    sides = Near(Or((RAID, SEWING)), Or((SEWING, PAY)), 5)
    assert not _is_hit(sides, "sewing alone")
    assert _is_hit(sides, "sewing and sewing")
    assert not _is_hit(Near(Phrase(("sewing", "raid")), RAID, 5), "sewing raid")


@pytest.mark.parametrize(
    "page",
    [
        "Read more: after the raid, sewing.",
        "Subscribe to hear of raid and sewing.",
        "If a raid forced them into sewing, that would be against the law.",
    ],
)
def test_what_reports_nothing_makes_no_hit_alone_or_with_the_report(page: str) -> None:
    for report in ("Prices of fish went up.", "A raid on the fish market."):
        text = f"{report} {page} Rain fell on Monday."
        article = MatchInput("Market", text)
        matcher = Matcher([("list/claim", _claim(And((RAID, SEWING))))])
        assert not _is_hit(And((RAID, SEWING)), text)
        assert not matcher.match_hits(article)
        assert not matcher.find_hits(article)
        assert matcher.find_holding(article) == ("list/claim",)
    assert _is_hit(And((RAID, SEWING)), f"After a raid they learnt sewing. {page}")


@pytest.mark.parametrize("told", ["After a raid they would be sent to sewing.", "If a raid comes, it ends in sewing."])
def test_a_plan_and_a_rule_make_hits(told: str) -> None:
    assert _is_hit(And((RAID, SEWING)), told)


def test_a_near_over_a_headline_that_the_text_repeats_is_a_hit() -> None:
    assert _is_hit(Near(RAID, SEWING, 9), "Raid at the pier\n\nThey were taught sewing.", title="Raid at the pier")


def test_an_exclusion_keeps_a_match_from_being_a_hit_and_says_by_what() -> None:
    assessment = _match(RAID, "A raid on dogs.", title="Dogs", exclusion=Word("dogs"))
    assert assessment is not None
    assert not assessment.is_hit
    assert [(t.term, t.where, t.spans) for t in assessment.why.excluded_by] == [
        ("dogs", "title", ((0, 4),)),
        ("dogs", "text", ((10, 14),)),
    ]


def test_a_denied_term_that_stands_there_is_named_too() -> None:
    assessment = _match(And((RAID, Not(Or((SEWING, PAY))))), "A raid, and sewing.")
    assert assessment is not None
    assert not assessment.is_hit
    assert [t.term for t in assessment.why.excluded_by] == ["sewing"]
    assert [t.term for t in assessment.why.terms] == ["raid"]


def test_khmer_terms_carry_their_gloss_and_their_place_as_written() -> None:
    text = "ការជួញ\u200bដូរមនុស្ស"
    assessment = _match(Word("ជួញដូរ"), text)
    assert assessment is not None
    assert [(t.term, t.gloss, t.spans) for t in assessment.why.terms] == [("ជួញដូរ", "trafficking", ((3, 10),))]


def test_the_parts_say_how_prominently_a_hit_stands_there() -> None:
    wanted = And((RAID, SEWING))
    far = "A raid. " + "Filler words here. " * 80
    texts = {
        "apart": _match(wanted, far + "Then sewing."),
        "together": _match(wanted, far + "A raid for sewing."),
        "lead": _match(wanted, "A raid for sewing. " + far),
        "title": _match(wanted, "A raid for sewing. " + far, title="Raid for sewing"),
    }
    parts = {name: dict(assessment.why.parts) for name, assessment in texts.items() if assessment}
    assert [list(found) for found in parts.values()] == [
        ["coverage", "in_title", "in_lead", "in_passage", "density"],
    ] * 4
    assert {name: (found["in_title"], found["in_lead"], found["in_passage"]) for name, found in parts.items()} == {
        "apart": (0.0, 0.5, 0.5),
        "together": (0.0, 0.5, 1.0),
        "lead": (0.0, 1.0, 1.0),
        "title": (1.0, 1.0, 1.0),
    }


@pytest.mark.parametrize(
    ("expression", "text", "coverage"),
    [
        (And((RAID, SEWING, PAY)), "raid pay", 0.6667),
        (Or((And((RAID, SEWING)), And((RAID, PAY, Word("x"))))), "raid", 0.5),
        (Near(RAID, SEWING, 1), "raid", 0.25),
        (Near(RAID, SEWING, 1), "raid a b sewing", 0.5),
        (And((RAID, Not(SEWING))), "raid sewing", 0.5),
    ],
)
def test_the_coverage_is_the_share_of_the_expression_that_holds(
    expression: Expression, text: str, coverage: float
) -> None:
    assessment = _match(expression, text)
    assert assessment is not None
    assert dict(assessment.why.parts)["coverage"] == coverage


@pytest.mark.parametrize(
    ("expression", "url", "language", "is_hit"),
    [
        (And((RAID, Site("example.org"))), "https://news.example.org/1", "", True),
        (And((RAID, Site("example.org"))), "https://anexample.org/1", "", False),
        (And((RAID, Not(Site("example.org")))), "https://example.org/1", "", False),
        (And((RAID, Lang("km"))), "", "km", True),
        (Or((And((RAID, Lang("km"))), SEWING)), "", "en", False),
        (Lang("km"), "", "km", True),
    ],
)
def test_a_claim_may_ask_for_the_site_and_the_language(
    expression: Expression, url: str, language: str, *, is_hit: bool
) -> None:
    article = MatchInput("", "A raid.", language, url)
    matcher = Matcher([("c", _claim(expression))])
    assert [assessment.is_hit for assessment in matcher.match(article) if assessment.is_hit] == [True] * is_hit
    assert matcher.find_hits(article) == ("c",) * is_hit


def test_what_is_asked_of_the_title_is_asked_of_it_alone() -> None:
    title = And((Title(Or((RAID, SEWING))), PAY))
    assert not _is_hit(title, "A raid for pay.", title="Pay")
    assert _is_hit(title, "They were taught for pay.", title="A raid")
    assessment = _match(title, "A raid for pay.", title="Raids")
    assert assessment is not None
    assert [(match.term, match.where) for match in assessment.why.terms] == [
        ("raid", "title"),
        ("raid", "text"),
        ("pay*", "text"),
    ]
    assert [passage.where for passage in assessment.passages] == ["title", "text"]
    assert not _is_hit(And((PAY, Not(Title(RAID)))), "For pay.", title="A raid")
    assert not _is_hit(Title(Near(RAID, PAY, 1)), "A raid pays.", title="Raid with no word of pay")


def test_hits_alone_are_the_hits_among_all_assessments() -> None:
    expressions: list[Expression] = [RAID, And((RAID, SEWING)), SEWING, And((PAY, Not(RAID)))]
    claims = [(str(n), _claim(expression)) for n, expression in enumerate(expressions)]
    article = MatchInput("Raid", "They pay.")
    every = Matcher(claims).match(article)
    assert [a.is_hit for a in every] == [True, False, False]
    assert Matcher(claims).match_hits(article) == every[:1]


def test_claims_keep_their_identifiers_and_their_order() -> None:
    claims = [(f"{name}/claim", _claim(term)) for name, term in (("z", RAID), ("a", SEWING), ("m", PAY), ("b", RAID))]
    matched = Matcher(claims).match(MatchInput("", "A raid; they pay."))
    assert [assessment.claim_key for assessment in matched] == ["z/claim", "m/claim", "b/claim"]
    assert [assessment.stance for assessment in matched] == ["unclear"] * 3


def test_a_matcher_without_claims_and_an_article_without_text_are_no_fault() -> None:
    assert Matcher([]).match(MatchInput("Raid", "raid")) == ()
    assert Matcher([("c", _claim(RAID))]).match(MatchInput("", "")) == ()


def test_a_text_that_repeats_a_word_without_end_keeps_a_hundred_places() -> None:
    assessment = _match(Near(RAID, SEWING, 3), "raid sewing " * 20_000)
    assert assessment is not None
    assert [len(term.spans) for term in assessment.why.terms] == [100, 100]
