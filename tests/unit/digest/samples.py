"""A realistic digest's input, for tests: invented outlets on a reserved host, no real person."""

from dataclasses import replace
from datetime import UTC, date, datetime

from monitor.model.digesting import ClaimSection, Coverage, DigestInput, HitLine, SourceCoverage, WatchlistSection
from monitor.model.matching import Passage, TermMatch

NOW = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)
KHMER = (
    "ស្ត្រី\u200bដែល\u200bត្រូវ\u200bបាន\u200bចាប់\u200bខ្លួន\u200bក្នុង\u200bការ\u200bចុះ\u200bបង្ក្រាប "
    "ត្រូវ\u200bបាន\u200bបញ្ជូន\u200bទៅ\u200bរៀន\u200bកាត់ដេរ\u200bនៅ\u200bក្នុង\u200bមណ្ឌល។"
)


def a_passage(text: str, *marked: str, start: int = 0) -> tuple[Passage, tuple[TermMatch, ...]]:
    """Return a passage, and a match for each of the words that is marked in it."""
    matches = tuple(
        TermMatch(word, "text", ((start + text.index(word), start + text.index(word) + len(word)),)) for word in marked
    )
    return Passage(text, start, start + len(text)), matches


def a_hit(hit_id: int = 1, **changes: object) -> HitLine:
    """Return one plain English hit, with what a test wants otherwise."""
    passage, terms = a_passage("Women taken in the raid were sent to sew in a garment factory.", "raid", "garment")
    hit = HitLine(
        hit_id=hit_id,
        headline=f"Women held after raid {hit_id}",
        outlet="The Delta Ledger",
        url=f"https://ledger.newsroom.example/{hit_id}",
        language="en",
        published_at=datetime(2026, 11, 21, 9, 40, tzinfo=UTC),
        first_seen_at=NOW,
        score=0.8,
        stance="unclear",
        passages=(passage,),
        terms=terms,
    )
    return replace(hit, **changes)  # type: ignore[arg-type]  # a test names fields of HitLine


def a_khmer_hit(hit_id: int = 2, **changes: object) -> HitLine:
    """Return one hit in Khmer, its terms with their glosses."""
    passage, terms = a_passage(KHMER, "ចុះ\u200bបង្ក្រាប", "កាត់ដេរ", start=240)
    glossed = tuple(replace(term, gloss=gloss) for term, gloss in zip(terms, ("raid", "sewing"), strict=True))
    return a_hit(
        hit_id,
        **{
            "headline": "ស្ត្រី\u200bរៀន\u200bកាត់ដេរ\u200bក្រោយ\u200bការ\u200bចុះ\u200bបង្ក្រាប",
            "outlet": "Riverside Khmer",
            "url": f"https://khmer.newsroom.example/{hit_id}",
            "language": "km",
            "published_at": datetime(2026, 11, 20, tzinfo=UTC),
            "passages": (passage,),
            "terms": glossed,
            **changes,
        },
    )


def a_claim(*hits: HitLine, **changes: object) -> ClaimSection:
    """Return one claim with its hits."""
    claim = ClaimSection(
        claim_key="raids-to-garment-work",
        claim="Women arrested in anti-trafficking raids are channelled into garment work or sewing training.",
        said_by="VICE News; Al Jazeera",
        hits=hits,
    )
    return replace(claim, **changes)  # type: ignore[arg-type]  # a test names fields of ClaimSection


def a_coverage(unread: int = 3, read: int = 20) -> Coverage:
    """Return the coverage of some sources, the unread ones each for their own reason."""
    reasons = ("timeout", "http_403", "dns_failed")
    failed = tuple(
        SourceCoverage(f"Silent Source {n}", is_read=False, reason=reasons[n % 3], last_good_at=None if n else NOW)
        for n in range(unread)
    )
    good = tuple(SourceCoverage(f"Good Source {n}", is_read=True, last_good_at=NOW) for n in range(read))
    return Coverage(failed + good, new_articles=41 if read else 0, unread_articles=2 if read else 0)


def an_input(*claims: ClaimSection, **changes: object) -> DigestInput:
    """Return a digest's input over one watchlist of fourteen claims."""
    given = DigestInput(
        subscription="local",
        kind="daily",
        digest_on=date(2026, 11, 22),
        timezone="Asia/Phnom_Penh",
        composed_at=NOW,
        since=datetime(2026, 11, 20, 23, 0, tzinfo=UTC),
        watchlists=(WatchlistSection("From the raid to the garment floor", claims, 14 - len(claims)),),
        coverage=a_coverage(),
        message_id="<digest.local.2026-11-22@monitor.localhost>",
    )
    return replace(given, **changes)  # type: ignore[arg-type]  # a test names fields of DigestInput


def a_testimony(hit_id: int) -> HitLine:
    """Return a hit that supports a claim in a woman's own words."""
    passage, terms = a_passage(
        "“The gate was locked and we were told we could not leave until the course was over,” said a woman who spent "
        "four months at the training centre and asked not to be named.",
        *("locked", "could not leave", "training centre"),
    )
    headline = "Locked gate, unpaid months: inside a sewing course for women picked up in raids"
    return a_hit(hit_id, headline=headline, stance="supports", passages=(passage,), terms=terms)


def a_denial(hit_id: int) -> HitLine:
    """Return a hit that disputes a claim, with nothing marked in it."""
    return a_hit(
        hit_id,
        headline="Ministry says no one is kept in training centres against her will",
        outlet="Harbour Post",
        url="https://harbour.newsroom.example/2026/11/21/ministry-says",
        stance="disputes",
        score=0.7,
        published_at=datetime(2026, 11, 21, 1, 15, tzinfo=UTC),
        passages=(a_passage("“Nobody is detained,” a spokesman said. “They may leave whenever they want.”")[0],),
        terms=(),
    )


def a_lead(hit_id: int) -> HitLine:
    """Return an article of which only the headline is known, and no date."""
    return a_hit(
        hit_id,
        headline="Eleven women “rescued” in karaoke raid choose sewing over court",
        outlet="Wire of the Plain",
        url="https://wire.newsroom.example/a/5",
        published_at=None,
        passages=(),
        terms=(TermMatch("karaoke", "title", ((26, 33),)), TermMatch("raid", "title", ((34, 38),))),
        is_lead=True,
    )


def a_realistic_input() -> DigestInput:
    """Return a morning as a reporter sees it: Khmer and English, one article on two claims, a lead, silent sources."""
    pay, pay_terms = a_passage(
        "The centre’s director said every trainee “comes and goes as she likes” and receives a monthly stipend; two "
        "former trainees said they were never paid.",
        *("stipend", "never paid"),
        start=900,
    )
    testimony = a_testimony(3)
    return an_input(
        a_claim(a_hit(1, stance="reports"), a_khmer_hit(2), a_lead(5)),
        a_claim(
            *(testimony, a_denial(4)),
            claim_key="shelter-detention",
            claim="Shelters and training centres run by charities hold women against their will.",
        ),
        a_claim(
            replace(testimony, hit_id=6, passages=(pay,), terms=pay_terms),
            claim_key="unpaid-training",
            claim="Women in the training programmes are not paid.",
            said_by="VICE News",
        ),
    )
