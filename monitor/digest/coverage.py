"""What a digest's silence is worth: which sources were read, which were not, and why."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from monitor.digest.plain import plain_text
from monitor.digest.wording import say_date, say_reason
from monitor.model.digesting import Coverage, HealthNews, SourceCoverage
from monitor.text.counting import counted

_MAX_NAMED = 40
_MAX_NAME_CHARS = 80
_MAX_REASON_CHARS = 120


@dataclass(frozen=True, slots=True)
class Trouble:
    """Sources that could not be read for the same reason."""

    reason: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CoverageView:
    """The coverage as a digest shows it. `silence` says what finding nothing is worth; `is_blind`: nothing at all."""

    line: str
    is_blind: bool
    silence: str
    unread: tuple[Trouble, ...]
    unnamed: int
    faltering: tuple[Trouble, ...]
    ill: tuple[Trouble, ...]
    well_again: tuple[str, ...]
    sample: str


def view_coverage(coverage: Coverage, zone: ZoneInfo) -> CoverageView:
    """Say how much of the watched press was read. Invented sources stay out of every figure."""
    real = [source for source in coverage.sources if not source.is_sample]
    unread = [source for source in real if not source.is_read]
    faltering = [source for source in real if source.is_read and source.reason]
    return CoverageView(
        line=f"{_read_words(len(real), len(unread))} {_article_words(coverage)}",
        is_blind=len(unread) == len(real),
        silence=_silence(len(real), len(unread)),
        unread=_troubles(unread[:_MAX_NAMED], zone),
        unnamed=max(0, len(unread) - _MAX_NAMED),
        faltering=_troubles(faltering[:_MAX_NAMED], zone),
        ill=_illnesses([news for news in coverage.health if news.words]),
        well_again=_named([news for news in coverage.health if not news.words]),
        sample=_sample_words(len(coverage.sources) - len(real)),
    )


def _read_words(watched: int, unread: int) -> str:
    if not watched:
        return "No source is watched."
    if not unread:
        return f"Read all {counted(watched, 'source')}." if watched > 1 else "Read the one source."
    if unread == watched:
        return f"Read none of {counted(watched, 'source')}."
    return f"Read {watched - unread:,} of {counted(watched, 'source')}; {unread:,} could not be read."


def _article_words(coverage: Coverage) -> str:
    if not coverage.new_articles:
        return "No new article came."
    words = counted(coverage.new_articles, "new article")
    if coverage.unread_articles:
        words += f", {coverage.unread_articles:,} whose text could not be had"
    return f"{words}."


def _silence(watched: int, unread: int) -> str:
    """Say what finding nothing is worth."""
    if unread == watched:
        what = "No source could be read" if watched else "No source is watched"
        return f"{what}, so this silence means nothing: there may well be news."
    if unread:
        return f"{counted(unread, 'source')} could not be read: about what stands there, this silence says nothing."
    return "Every watched source was read. What nobody watches is not in this silence."


def _sample_words(samples: int) -> str:
    return f"The figures leave out {counted(samples, 'invented sample source')}." if samples else ""


def _troubles(sources: list[SourceCoverage], zone: ZoneInfo) -> tuple[Trouble, ...]:
    """Group sources by what is wrong, so that one fault that strikes all of them is told once."""
    groups: dict[str, list[SourceCoverage]] = defaultdict(list)
    for source in sources:
        groups[plain_text(say_reason(source.reason), _MAX_REASON_CHARS)].append(source)
    was_any_read = any(source.last_good_at for source in sources)
    return tuple(
        Trouble(reason, tuple(_name_sources(group, zone, tell_never=was_any_read))) for reason, group in groups.items()
    )


def _illnesses(health: list[HealthNews]) -> tuple[Trouble, ...]:
    """Group by what is newly wrong."""
    groups: dict[str, list[HealthNews]] = defaultdict(list)
    for news in health:
        groups[plain_text(news.words, _MAX_REASON_CHARS)].append(news)
    return tuple(Trouble(words, _named(group)) for words, group in groups.items())


def _named(health: list[HealthNews]) -> tuple[str, ...]:
    """Name so many as a reader takes in, and count the rest."""
    names = tuple(plain_text(news.title, _MAX_NAME_CHARS) for news in health[:_MAX_NAMED])
    rest = len(health) - len(names)
    return (*names, f"and {rest:,} more: monitor sources health") if rest else names


def _name_sources(sources: list[SourceCoverage], zone: ZoneInfo, *, tell_never: bool) -> Iterator[str]:
    """Name those that were read before with their last day, then those that never were."""
    for source in sources:
        if source.last_good_at:
            last_read_on = source.last_good_at.astimezone(zone).date()
            yield f"{plain_text(source.title, _MAX_NAME_CHARS)} (last read {say_date(last_read_on)})"
    never_read = [plain_text(source.title, _MAX_NAME_CHARS) for source in sources if not source.last_good_at]
    if tell_never and never_read:
        never_read[0] = f"never read yet: {never_read[0]}"
    yield from never_read
