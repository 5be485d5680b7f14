"""The digest as a page: every word that is told, in order and within limits, before it becomes HTML or text."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from monitor.digest.coverage import CoverageView, view_coverage
from monitor.digest.facts import say_facts, say_notes
from monitor.digest.masking import mask_victims
from monitor.digest.plain import MAX_NAME_CHARS, language_tag, plain_text, safe_link
from monitor.digest.quoting import Quote, quote_passage
from monitor.digest.tally import NEWS, Tally, count_hits
from monitor.digest.wording import say_alert, say_all, say_group, say_moment, say_stance, say_weekday
from monitor.model.digesting import ClaimSection, DigestInput, HitLine, WatchlistSection
from monitor.model.matching import DIGEST_FROM, Stance, TermMatch
from monitor.model.watching import SEARCH_AID
from monitor.text.khmer import holds_khmer

_MAX_TERMS = 8
_MAX_HEADLINE_CHARS = 300
_MAX_CLAIM_CHARS = 400


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

    `notes` are sentences on how it came and what is not known of it.

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
    is_sample: bool
    told_under: str
    notes: tuple[str, ...]
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
    is_alert: bool
    alert_words: str
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
        day=_say_when(given, zone),
        since=say_moment(given.since, zone) if given.since else "",
        timezone=given.timezone,
        composed=say_moment(given.composed_at, zone),
        is_by_hand=given.kind == "by_hand",
        is_alert=given.kind == "alert",
        alert_words=say_alert(is_last=given.is_last_alert),
        tally=count_hits(given.watchlists),
        watchlists=tuple(_view_watchlist(section, telling) for section in shown),
        more_watchlists=len(rest),
        more_hits=sum(len(claim.hits) for section in rest for claim in section.claims),
        coverage=view_coverage(given.coverage, zone),
        watched_claims=sum(len(section.claims) + section.quiet_claims for section in given.watchlists),
        reader=_view_reader(given),
    )


def _say_when(given: DigestInput, zone: ZoneInfo) -> str:
    day = say_weekday(given.digest_on)
    return f"{day}, {given.composed_at.astimezone(zone):%H:%M}" if given.kind == "alert" else day


def _view_reader(given: DigestInput) -> ReaderView | None:
    if given.stopping is None:
        return None
    return ReaderView(
        address=plain_text(given.recipient, MAX_NAME_CHARS * 2),
        rhythm=given.rhythm,
        subscription=plain_text(given.subscription, MAX_NAME_CHARS),
        stop_address=given.stopping.address,
        stop_url=given.stopping.url,
    )


def _view_watchlist(section: WatchlistSection, telling: _Telling) -> WatchlistView:
    loud = [claim for claim in section.claims if claim.hits]
    shown = loud[: telling.claims_left]
    telling.claims_left -= len(shown)
    return WatchlistView(
        title=plain_text(section.title, MAX_NAME_CHARS),
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
        key=plain_text(section.claim_key, MAX_NAME_CHARS),
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

    A denial is the rarest of all and the most wanted, and a long section is cut at its end: so what only shares words
    with the claim, which is told however unlikely, comes after what is likely, whatever their days.
    """

    def rank(hit: HitLine) -> tuple[bool, bool, int, bool, int, float, int]:
        day = (hit.published_at or hit.first_seen_at).astimezone(zone).date()
        side = 0 if hit.stance == "disputes" else 1 if hit.call and hit.call.denials else 2
        is_unlikely = hit.score < DIGEST_FROM and not hit.is_by_hand
        return hit.arrival not in NEWS, hit.is_lead, side, is_unlikely, -day.toordinal(), -hit.score, hit.hit_id

    return sorted(hits, key=rank)


def _say_who(said_by: str) -> str:
    names = [name.strip() for name in plain_text(said_by, MAX_NAME_CHARS * 2).split(";")]
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
        facts=tuple(say_facts(hit, telling.zone)),
        url=link.url if link else "",
        host=link.host if link else "",
        stance=hit.stance,
        stance_words=plain_text(mask_victims(say_stance(hit.stance, hit.call)), MAX_NAME_CHARS * 2),
        quotes=tuple(quote_passage(passage, hit.terms, hit.language) for passage in fresh[:most]),
        more_quotes=max(0, len(fresh) - most),
        terms=_view_terms(hit.terms),
        is_headline_match=bool(hit.terms) and all(term.where == "title" for term in hit.terms),
        is_sample=hit.is_sample,
        told_under=told_under,
        notes=tuple(say_notes(hit, telling.zone)),
    )


def _view_terms(terms: tuple[TermMatch, ...]) -> tuple[TermView, ...]:
    glosses = {term.term: term.gloss for term in sorted(terms, key=lambda term: bool(term.gloss))}
    unique = list(dict.fromkeys(term.term for term in terms if term.gloss != SEARCH_AID))[:_MAX_TERMS]
    return tuple(
        TermView(
            plain_text(term, MAX_NAME_CHARS),
            plain_text(glosses[term], MAX_NAME_CHARS),
            "km" if holds_khmer(term) else "",
        )
        for term in unique
    )
