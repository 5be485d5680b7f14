"""What a reader of a good document should know. In: DocumentRead. Out: WatchlistReview. Never: a verdict.

A document without a fault can still watch for nothing, or for everything: a word that stands in every article, an
exclusion that shuts out what the claim asks for, a letter of another script that only looks right.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping

from monitor.errors import Fault
from monitor.model.query import And, Expression, Near, Not, Or, Phrase, Term, Word, iter_terms
from monitor.model.watching import SEARCH_AID, WatchlistReview
from monitor.text.khmer import count_clusters, is_khmer
from monitor.text.normalise import fold
from monitor.watchlist.document import DocumentRead
from monitor.watchlist.query import parse_query
from monitor.watchlist.tree import Node

_WRITTEN = re.compile(r'[^\s()"]+')
_USED_NAME = re.compile(r"@([a-z0-9]+(?:-[a-z0-9]+)*)")
# Words that stand in nearly every article of their language: alone they ask for nothing.
_COMMON = {
    "en": "a an and are as at be been but by for from had has have he her his in is it its of on or said she that the "
    "their there they this to was were which who will with would not",
    "fr": "à au aux avec ce ces dans de des du elle en est et il ils la le les leur mais ne on ou par pas plus pour "
    "que qui sa se ses son sont sur un une",
    "es": "a al como con de del el en es la las lo los más no para pero por que se sin sobre su sus un una y",
    "de": "als am an auf aus bei das dem den der des die ein eine er es für im in ist mit nach nicht sich sie und von "
    "war wie wird zu zum",
    "pt": "a ao as com da das de do dos e em mais na não no o os para por que se um uma",
    "id": "akan dan dari dengan di dalam ini itu ke oleh pada tidak untuk yang",
    "vi": "bị các cho có của đã để được không là một những này ở trong tại và với",
}
_COMMON_WORDS: Mapping[str, frozenset[str]] = {
    language: frozenset(map(fold, words.split())) for language, words in _COMMON.items()
}
# Whose letters look like each other's; other scripts stand side by side in one word, as Japanese writes.
_ALPHABETS = frozenset({"Latin", "Cyrillic", "Greek"})
_SCRIPTS = {"Cjk": "Chinese", "Hiragana": "Japanese", "Katakana": "Japanese", "Katakana-hiragana": "Japanese"}
_WITHOUT_TERMS = (
    'without "terms" it is found by its own words and its meaning alone, from when it is live, and only where an '
    "encoder is: well where it names somebody, and mostly wrongly where it does not"
)
_NOBODY = frozenset({"?", "unknown", "n/a", "na", "todo", "tbd", "tba", "nobody", "none", "x", "…", "..."})


def review(read: DocumentRead) -> WatchlistReview:
    """Return the summary of a document and what to look at again."""
    document = read.document
    glossary = [entry for entries in document.glossary.values() for entry in entries]
    notes = [*_of_queries(read), *_of_names(read), *_of_speakers(read)]
    spellings = [spelling for name in document.names.values() for spelling in name.spellings]
    scripts = Counter(script for spelling in spellings for script in set(_scripts(spelling)))
    return WatchlistReview(
        name=document.watchlist,
        claims=len(document.claims),
        languages=Counter(language for claim in document.claims for language in claim.terms),
        names=len(document.names),
        search_aids=tuple(name for name, entry in document.names.items() if _is_aid(entry.note)),
        scripts=tuple(script for script, _count in scripts.most_common()),
        glossed=len(glossary),
        unchecked=tuple((entry.term, entry.gloss) for entry in glossary if not entry.checked_by.strip()),
        notes=tuple(sorted(dict.fromkeys(notes), key=lambda note: (note.line, note.column))),
    )


def _is_aid(note: str) -> bool:
    return note.strip().casefold() == SEARCH_AID


def _of_queries(read: DocumentRead) -> Iterator[Fault]:
    names = {name: entry.spellings for name, entry in read.document.names.items()}
    for claim, node in zip(read.document.claims, read.root.get("claims").each(), strict=True):
        exclusion = parse_query(claim.exclude, names) if claim.exclude.strip() else None
        if not claim.terms:
            place = node.get("id")
            yield Fault(f"{claim.id}: {_WITHOUT_TERMS}", place.line, place.column)
        for language, query in claim.terms.items():
            place = node.get("terms").get(language)
            expression = parse_query(query, names)
            where = f'{claim.id}, "{language}"'
            yield from _common_terms(expression, place, where, language)
            yield from _impossible(expression, exclusion, place, where)
        if exclusion is not None:
            languages = [*claim.terms]
            for language in languages:
                yield from _common_terms(exclusion, node.get("not"), f'{claim.id}, "not"', language)


def _common_terms(expression: Expression, node: Node, where: str, language: str) -> Iterator[Fault]:
    common = _COMMON_WORDS.get(language, frozenset())
    for term in iter_terms(expression):
        if not isinstance(term, Word) or term.is_prefix:
            continue
        if term.text in common:
            yield _note(node, term, f'{where}: "{term.text}" stands in nearly every article, so it asks for nothing')
        elif len(term.text) == 1 and set(_scripts(term.text)) <= _ALPHABETS:
            yield _note(node, term, f'{where}: "{term.text}" is a single sign, which stands in many articles')
        elif any(map(is_khmer, term.text)) and count_clusters(term.text) < 2:
            remedy = "Khmer writes no spaces, so it is found inside longer words: write the whole word"
            yield _note(node, term, f'{where}: "{term.text}" is a single Khmer cluster; {remedy}')


def _impossible(expression: Expression, exclusion: Expression | None, node: Node, where: str) -> Iterator[Fault]:
    for group in _groups(expression):
        denied = set[Term]().union(*(_alone(part.part) for part in group.parts if isinstance(part, Not)))
        needed = set[Term]().union(*(_needed(part) for part in group.parts if not isinstance(part, Not)))
        for term in needed & denied:
            yield _note(node, term, f'{where}: this asks for "{_text(term)}" and denies it, so it never holds')
    if exclusion is None:
        return
    for term in _needed(expression) & _alone(exclusion):
        yield _note(
            node, term, f'{where}: it can\'t hold without "{_text(term)}", and "not" shuts out every article with that'
        )


def _groups(expression: Expression) -> Iterator[And]:
    match expression:
        case And(parts):
            yield expression
            for part in parts:
                yield from _groups(part)
        case Or(parts):
            for part in parts:
                yield from _groups(part)
        case _:
            return


def _needed(expression: Expression) -> set[Term]:
    """Return the terms without which an expression never holds."""
    match expression:
        case Word() | Phrase():
            return {expression}
        case And(parts):
            return set[Term]().union(*map(_needed, parts))
        case Or(parts):
            return set.intersection(*map(_needed, parts))
        case Near(left, right):
            return _needed(left) | _needed(right)
        case _:
            return set()


def _alone(expression: Expression) -> set[Term]:
    """Return the terms of which one alone makes an expression hold."""
    match expression:
        case Word() | Phrase():
            return {expression}
        case Or(parts):
            return set[Term]().union(*map(_alone, parts))
        case And(parts):
            return set.intersection(*map(_alone, parts))
        case _:
            return set()


def _note(node: Node, term: Term, message: str) -> Fault:
    first = _text(term).split(" ")[0]
    written = (found.start() for found in _WRITTEN.finditer(node.scalar or "") if fold(found[0]) == first)
    return Fault(message, *node.place_of(next(written, 0)))


def _text(term: Term) -> str:
    return term.text if isinstance(term, Word) else " ".join(term.words)


def _of_names(read: DocumentRead) -> Iterator[Fault]:
    document, keys = read.document, read.root.get("names").keys
    queries = [query for claim in document.claims for query in (*claim.terms.values(), claim.exclude)]
    used = set(_USED_NAME.findall(" ".join(queries)))
    for name, entry in document.names.items():
        key = keys.get(name, read.root)
        if name not in used:
            yield Fault(f'the name "{name}" is used in no query: write @{name}, or take it out', key.line, key.column)
        for spelling in entry.spellings:
            for word in spelling.split():
                if len(scripts := sorted(_ALPHABETS.intersection(_scripts(word)))) > 1:
                    mixed = " and ".join(scripts)
                    message = f'"{word}" in @{name} mixes {mixed} letters: it looks right and is never found'
                    yield Fault(message, key.line, key.column)


def _scripts(text: str) -> Iterator[str]:
    for character in text:
        if unicodedata.category(character)[0] == "L":
            script = unicodedata.name(character, "unknown").split(" ")[0].capitalize()
            yield _SCRIPTS.get(script, script)


def _of_speakers(read: DocumentRead) -> Iterator[Fault]:
    for claim, node in zip(read.document.claims, read.root.get("claims").each(), strict=True):
        if claim.said_by.strip().casefold() in _NOBODY:
            place = node.get("said_by")
            yield Fault(f"{claim.id}: nobody is named under said_by: who says so?", place.line, place.column)
