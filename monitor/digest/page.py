"""The digest as a page: every word that is told, in order and within limits, before it becomes HTML or text."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from monitor.digest.coverage import CoverageView, view_coverage
from monitor.digest.masking import mask_victims
from monitor.digest.plain import language_tag, plain_text, safe_link
from monitor.digest.quoting import Quote, quote_passage
from monitor.digest.tally import NEWS, Tally, count_hits
from monitor.digest.wording import (
    say_all,
    say_arrival,
    say_group,
    say_language,
    say_moment,
    say_published,
    say_stance,
    say_weekday,
)
from monitor.model.digesting import ClaimSection, DigestInput, HitLine, WatchlistSection
from monitor.model.matching import Stance, TermMatch
from monitor.model.watching import SEARCH_AID
from monitor.text.khmer import holds_khmer

_MAX_TERMS = 8
_MAX_HEADLINE_CHARS = 300
_MAX_CLAIM_CHARS = 400
_MAX_NAME_CHARS = 120


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a mail tells in full before it counts and points on."""

    hits_per_claim: int
    hits: int
    quotes_per_hit: int
    claims: int


@dataclass(frozen=True, slots=True)
class TermView:
    """A term that matched, with its gloss where it is not English."""

    text: str
    gloss: str
    language: str


@dataclass(frozen=True, slots=True)
class HitView:
    """A hit as shown. `told_under` names the claim that tells the same article in full, or is "".

    `heading` stands over the first of those that are no reports of the day: leads, and what is old.
    """

    hit_id: int
    headline: str
    language: str
    facts: tuple[str, ...]
    url: str
    host: str
    stance: Stance
    stance_words: str
    quotes: tuple[Quote, ...]
    more_quotes: int
    terms: tuple[TermView, ...]
    is_headline_match: bool
    lead_words: str
    is_sample: bool
    told_under: str
    arrival_words: str
    heading: str = ""


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim with whose statement it is, the hits that are told in full and how many are only counted."""

    key: str
    claim: str
    language: str
    stated_by: str
    tally: str
    hits: tuple[HitView, ...]
    more: int


@dataclass(frozen=True, slots=True)
class WatchlistView:
    """A watchlist's claims; `more_claims` with `more_hits` are only counted."""

    title: str
    claims: tuple[ClaimView, ...]
    more_claims: int
    more_hits: int
    quiet_claims: int


@dataclass(frozen=True, slots=True)
class ReaderView:
    """To whom a mail goes, when, and how that ends: by a mail to an address, and by a page where one is served."""

    address: str
    rhythm: str
    subscription: str
    stop_address: str
    stop_url: str


@dataclass(frozen=True, slots=True)
class DigestPage:
    """Everything that a digest shows; `more_watchlists` with `more_hits` are only counted."""

    subject: str
    day: str
    since: str
    timezone: str
    composed: str
    is_by_hand: bool
    tally: Tally
    watchlists: tuple[WatchlistView, ...]
    more_watchlists: int
    more_hits: int
    coverage: CoverageView
    watched_claims: int
    reader: ReaderView | None


@dataclass(slots=True)
class _Telling:
    """What was told so far while a page is written from top to bottom."""

    zone: ZoneInfo
    limits: Limits
    hits_left: int
    claims_left: int
    told: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict)


def view_page(given: DigestInput, subject: str, zone: ZoneInfo, limits: Limits) -> DigestPage:
    """Lay out a digest within limits. Whatever a limit keeps back is counted, with the command that shows it."""
    telling = _Telling(zone, limits, limits.hits, limits.claims)
    shown, rest = given.watchlists[: limits.claims], given.watchlists[limits.claims :]
    return DigestPage(
        subject=subject,
        day=say_weekday(given.digest_on),
        since=say_moment(given.since, zone) if given.since else "",
        timezone=given.timezone,
        composed=say_moment(given.composed_at, zone),
        is_by_hand=given.kind == "by_hand",
        tally=count_hits(given.watchlists),
        watchlists=tuple(_view_watchlist(section, telling) for section in shown),
        more_watchlists=len(rest),
        more_hits=sum(len(claim.hits) for section in rest for claim in section.claims),
        coverage=view_coverage(given.coverage, zone),
        watched_claims=sum(len(section.claims) + section.quiet_claims for section in given.watchlists),
        reader=_view_reader(given),
    )


def _view_reader(given: DigestInput) -> ReaderView | None:
    if given.stopping is None:
        return None
    return ReaderView(
        address=plain_text(given.recipient, _MAX_NAME_CHARS * 2),
        rhythm=given.rhythm,
        subscription=plain_text(given.subscription, _MAX_NAME_CHARS),
        stop_address=given.stopping.address,
        stop_url=given.stopping.url,
    )


def _view_watchlist(section: WatchlistSection, telling: _Telling) -> WatchlistView:
    loud = [claim for claim in section.claims if claim.hits]
    shown = loud[: telling.claims_left]
    telling.claims_left -= len(shown)
    return WatchlistView(
        title=plain_text(section.title, _MAX_NAME_CHARS),
        claims=tuple(_view_claim(claim, telling) for claim in shown),
        more_claims=len(loud) - len(shown),
        more_hits=sum(len(claim.hits) for claim in loud[len(shown) :]),
        quiet_claims=section.quiet_claims + len(section.claims) - len(loud),
    )


def _view_claim(section: ClaimSection, telling: _Telling) -> ClaimView:
    claim = plain_text(section.claim, _MAX_CLAIM_CHARS)
    most = min(telling.limits.hits_per_claim, telling.hits_left)
    shown = _in_reading_order(section.hits, telling.zone)[:most]
    telling.hits_left -= len(shown)
    return ClaimView(
        key=plain_text(section.claim_key, _MAX_NAME_CHARS),
        claim=claim,
        language=language_tag(claim, ""),
        stated_by=_say_who(section.said_by),
        tally=count_hits((WatchlistSection("", (section,), 0),)).hits_words,
        hits=tuple(_with_headings(shown, claim, telling)),
        more=len(section.hits) - len(shown),
    )


def _with_headings(shown: list[HitLine], claim: str, telling: _Telling) -> Iterator[HitView]:
    """View hits, with a heading where leads begin and where what is old begins."""
    before = ""
    for hit in shown:
        heading = say_group(is_news=hit.arrival in NEWS, is_lead=hit.is_lead)
        yield replace(_view_hit(hit, claim, telling), heading=heading if heading != before else "")
        before = heading


def _in_reading_order(hits: tuple[HitLine, ...], zone: ZoneInfo) -> list[HitLine]:
    """News before what is older, articles before leads; then what denies, the newest day, the best match of a day.

    A denial is the rarest of all and the most wanted, and a long section is cut at its end.
    """

    def rank(hit: HitLine) -> tuple[bool, bool, int, int, float, int]:
        day = (hit.published_at or hit.first_seen_at).astimezone(zone).date()
        side = 0 if hit.stance == "disputes" else 1 if hit.call and hit.call.denials else 2
        return hit.arrival not in NEWS, hit.is_lead, side, -day.toordinal(), -hit.score, hit.hit_id

    return sorted(hits, key=rank)


def _say_who(said_by: str) -> str:
    names = [name.strip() for name in plain_text(said_by, _MAX_NAME_CHARS * 2).split(";")]
    return say_all([name for name in names if name])


def _view_hit(hit: HitLine, claim: str, telling: _Telling) -> HitView:
    """Show a hit: in full the first time its article comes up, afterwards only what this claim adds to it."""
    headline = plain_text(mask_victims(hit.headline), _MAX_HEADLINE_CHARS) or "(no headline)"
    article, most = hit.url or f"hit {hit.hit_id}", telling.limits.quotes_per_hit
    told_under, quoted = telling.told.get(article, ("", frozenset()))
    fresh = [p for p in hit.passages if p.text not in quoted and not (p.where == "title" and p.text in hit.headline)]
    telling.told[article] = (told_under or claim, quoted | {p.text for p in fresh[:most]})
    link = safe_link(hit.url)
    return HitView(
        hit_id=hit.hit_id,
        headline=headline,
        language=language_tag(headline, hit.language),
        facts=tuple(_facts(hit, telling.zone)),
        url=link.url if link else "",
        host=link.host if link else "",
        stance=hit.stance,
        stance_words=plain_text(mask_victims(say_stance(hit.stance, hit.call)), _MAX_NAME_CHARS * 2),
        quotes=tuple(quote_passage(passage, hit.terms, hit.language) for passage in fresh[:most]),
        more_quotes=max(0, len(fresh) - most),
        terms=_view_terms(hit.terms),
        is_headline_match=bool(hit.terms) and all(term.where == "title" for term in hit.terms),
        lead_words=say_lead(hit) if hit.is_lead else "",
        is_sample=hit.is_sample,
        told_under=told_under,
        arrival_words="Set under this claim by hand" if hit.is_by_hand else say_arrival(hit.arrival),
    )


def say_lead(hit: HitLine) -> str:
    """Say what is known of an article whose text could not be had."""
    if hit.is_teaser:
        return "Lead: only the beginning could be read; the rest is for subscribers."
    return "Lead: the text could not be had; only what its source announced is known."


def _facts(hit: HitLine, zone: ZoneInfo) -> Iterator[str]:
    if outlet := plain_text(hit.outlet, _MAX_NAME_CHARS):
        yield outlet
    if hit.published_at:
        yield say_published(hit.published_at, zone)
    else:
        yield f"no date given, first seen {say_moment(hit.first_seen_at, zone)}"
    if language := plain_text(say_language(hit.language), 20):
        yield language


def _view_terms(terms: tuple[TermMatch, ...]) -> tuple[TermView, ...]:
    glosses = {term.term: term.gloss for term in sorted(terms, key=lambda term: bool(term.gloss))}
    unique = list(dict.fromkeys(term.term for term in terms if term.gloss != SEARCH_AID))[:_MAX_TERMS]
    return tuple(
        TermView(
            plain_text(term, _MAX_NAME_CHARS),
            plain_text(glosses[term], _MAX_NAME_CHARS),
            "km" if holds_khmer(term) else "",
        )
        for term in unique
    )
