"""Reading a watchlist document. In: YAML text. Out: Watchlist. Never: a watchlist with a fault in it.

All faults of a document are told at once, each with its line, its column and what to do.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from monitor.errors import Fault, WatchlistError
from monitor.model.query import Expression, Or, Term, Word, iter_terms
from monitor.model.watching import SEARCH_AID, Claim, StoryRef, Watchlist
from monitor.text.gazetteer import gazetteer
from monitor.text.khmer import is_khmer
from monitor.text.normalise import fold
from monitor.text.plain import unix_lines
from monitor.watchlist.grammar import QueryError
from monitor.watchlist.query import canonical_form, either, parse_query
from monitor.watchlist.schema import ClaimEntry, WatchlistDocument
from monitor.watchlist.tree import REFUSED, BadYaml, Node, read_yaml
from monitor.watchlist.wording import validate

MAX_BYTES = 1024 * 1024

NO_TERMS = Or(())
"""What a claim asks for that has no terms: nothing holds it, and its words and meaning find what bears on it."""


@dataclass(frozen=True, slots=True)
class DocumentRead:
    """A document without a fault: as it is written, with its places, and as it is watched for."""

    root: Node
    document: WatchlistDocument
    watchlist: Watchlist


def read_watchlist(text: str, file: str) -> Watchlist:
    """Read a watchlist document. Raises WatchlistError with every fault; `file` is how messages call the document."""
    return read_document(text, file).watchlist


def read_document(text: str, file: str) -> DocumentRead:
    """Read a document and keep where everything stands in it. Raises WatchlistError."""
    text = unix_lines(text)
    if fault := _refuse(text):
        raise WatchlistError(file, (fault,))
    try:
        root = read_yaml(text)
    except BadYaml as error:
        raise WatchlistError(file, (error.fault,)) from error
    queries = _Queries.read(root)
    document, faults = validate(root)
    faults += (*_duplicate_claims(root), *queries.faults)
    if faults or document is None:
        raise WatchlistError(file, tuple(sorted(dict.fromkeys(faults), key=lambda fault: (fault.line, fault.column))))
    return DocumentRead(root, document, _watchlist(document, queries))


def read_names(text: str) -> dict[str, list[str]]:
    """Return the names of a document with their spellings; none where it is no YAML."""
    try:
        return _names(read_yaml(unix_lines(text)))
    except BadYaml:
        return {}


def _refuse(text: str) -> Fault | None:
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return Fault(f"a watchlist has at most {MAX_BYTES // 1024} KiB: split it, or is this another file?")
    if found := REFUSED.search(text):
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - text.rfind("\n", 0, found.start())
        return Fault(f"an invisible control character (U+{ord(found[0]):04X}) stands here: delete it", line, column)
    return None


@dataclass(frozen=True, slots=True)
class _Queries:
    """The queries of a document, read as far as they can be, whatever else is wrong with it."""

    expressions: Mapping[int, Expression]
    exclusions: Mapping[int, Expression]
    faults: tuple[Fault, ...]

    @classmethod
    def read(cls, root: Node) -> "_Queries":
        glossed = {_gloss_key(entry.get("term").scalar or "") for entry in root.get("glossary").get("km").each()}
        reading = _QueryReading(_names(root), glossed, [])
        expressions, exclusions = {}, {}
        for index, claim in enumerate(root.get("claims").each()):
            key = claim.get("id").scalar
            read = [reading.read(node, f'{key}, "{lang}"') for lang, node in claim.get("terms").pairs().items()]
            if good := [expression for expression in read if expression]:
                expressions[index] = either(good)
            if claim.get("not").scalar and (exclusion := reading.read(claim.get("not"), f'{key}, "not"')):
                exclusions[index] = exclusion
        return cls(expressions, exclusions, tuple(reading.faults))


@dataclass(frozen=True, slots=True)
class _QueryReading:
    names: Mapping[str, Sequence[str]]
    glossed: set[str]
    faults: list[Fault]

    def read(self, node: Node, where: str) -> Expression | None:
        if not node.scalar:
            return None
        try:
            expression = parse_query(node.scalar, self.names)
        except QueryError as error:
            self.faults.append(Fault(f"{where}: {error}", *node.place_of(error.position)))
            return None
        for term in iter_terms(expression):
            self._check_gloss(term, node, where)
        return expression

    def _check_gloss(self, term: Term, node: Node, where: str) -> None:
        written = _written(term)
        if not any(map(is_khmer, written)) or written in self.glossed:
            return
        self.glossed.add(written)
        remedy = f'add "- {{term: {written}, gloss: …, checked_by: }}" under "glossary:", "km:"'
        place = node.place_of(max(0, (node.scalar or "").find(written)))
        self.faults.append(Fault(f'{where}: the Khmer term "{written}" has no English gloss: {remedy}', *place))


def _names(root: Node) -> dict[str, list[str]]:
    return {name: _spellings(node) for name, node in root.get("names").pairs().items()}


def _spellings(node: Node) -> list[str]:
    return [item.scalar for item in (node if node.items is not None else node.get("spellings")).each() if item.scalar]


def _gloss_key(term: str) -> str:
    return fold(term).replace("-", " ")


def _written(term: Term) -> str:
    return (term.text if isinstance(term, Word) else " ".join(term.words)).replace("-", " ")


def _duplicate_claims(root: Node) -> list[Fault]:
    first: dict[str, int] = {}
    faults = []
    for claim in root.get("claims").each():
        key = claim.get("id")
        if key.scalar and key.scalar in first:
            place = f"the first is on line {first[key.scalar]}"
            message = f'the claim "{key.scalar}" stands twice; {place}: give one of them another id'
            faults.append(Fault(message, key.line, key.column))
        elif key.scalar:
            first[key.scalar] = key.line
    return faults


def _watchlist(document: WatchlistDocument, queries: _Queries) -> Watchlist:
    glosses = {
        _gloss_key(spelling): name.gloss
        for name in document.names.values()
        for spelling in name.spellings
        if name.gloss
    }
    glosses |= {_gloss_key(entry.term): entry.gloss for entries in document.glossary.values() for entry in entries}
    aids = [name for name in document.names.values() if name.note.strip().casefold() == SEARCH_AID]
    glosses |= {_gloss_key(spelling): SEARCH_AID for name in aids for spelling in name.spellings}
    where = gazetteer().code_of(document.where)
    claims = (
        _claim(entry, queries.expressions.get(index, NO_TERMS), queries.exclusions.get(index), glosses, where)
        for index, entry in enumerate(document.claims)
    )
    article = document.article
    published_on = date.fromisoformat(article.published) if len(article.published) == 10 else None
    story = StoryRef(article.title, article.outlet, article.url, published_on)
    title = " ".join(document.title.split())
    return Watchlist(document.watchlist, title, document.why, story, tuple(claims))


def _claim(
    entry: ClaimEntry, expression: Expression, exclusion: Expression | None, glosses: Mapping[str, str], where: str
) -> Claim:
    terms = (*iter_terms(expression), *(iter_terms(exclusion) if exclusion else ()))
    used = {written: glosses[written] for term in terms if (written := _written(term)) in glosses}
    return Claim(
        key=entry.id,
        text=entry.claim.strip(),
        said_by=entry.said_by.strip(),
        expression=expression,
        exclusion=exclusion,
        fingerprint=_fingerprint(entry.claim, expression, exclusion, where),
        glosses=tuple(used.items()),
        where=where,
        is_alerted=entry.notify == "alert",
    )


def _fingerprint(text: str, expression: Expression, exclusion: Expression | None, where: str) -> str:
    parts = ["claim-1", fold(text), canonical_form(expression), canonical_form(exclusion) if exclusion else ""]
    # Only where there is one, so that lists written before there was a `where` keep their revisions.
    parts += [where] if where else []
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
