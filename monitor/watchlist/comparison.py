"""What differs between two versions of a document, claim by claim and in words. In: two texts. Out: Comparison.

Read as far as it is YAML, so that a version of long ago can be told too whose queries are read otherwise today.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.text.normalise import fold
from monitor.text.plain import unix_lines
from monitor.watchlist.tree import BadYaml, Plain, read_yaml

_TOKEN = re.compile(r'"[^"]*"|[^\s()"]+')
_OPERATORS = frozenset({"AND", "OR", "NOT"})
_USED_NAME = re.compile(r"@([a-z0-9-]+)")
_PARTS_TOLD_APART = frozenset({"names", "glossary", "claims"})
_SIMPLE = ("claim", "title", "said_by", "notify")
_MAX_WORDS_SHOWN = 12
ONLY_LAYOUT = "only comments, order or layout; nothing that is watched for"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs. `changed` are the keys of claims whose own lines or whose names differ; `renamed` is (old, new).

    `words` tells everything, a line each; `unified` is the diff of the texts.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = ()
    unified: str = ""

    @property
    def counts(self) -> str:
        """Say in short how many claims came, went and changed."""
        counted = ("added", self.added), ("changed", self.changed), ("removed", self.removed), ("renamed", self.renamed)
        return ", ".join(f"{len(keys)} {what}" for what, keys in counted if keys) or "no claim changed"


@dataclass(frozen=True, slots=True)
class _Outline:
    """A document's parts, whatever their state."""

    whole: Mapping[str, Plain]
    claims: Mapping[str, Mapping[str, Plain]] = field(default_factory=dict)
    names: Mapping[str, Plain] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> "_Outline":
        try:
            whole = read_yaml(unix_lines(text)).plain()
        except BadYaml:
            return cls({})
        if not isinstance(whole, dict):
            return cls({})
        listed = whole.get("claims")
        claims = [claim for claim in listed if isinstance(claim, dict)] if isinstance(listed, list) else []
        names = whole.get("names")
        keyed = {str(claim.get("id", "")): claim for claim in claims}
        return cls(whole, keyed, names if isinstance(names, dict) else {})

    def names_of(self, key: str) -> dict[str, list[str]]:
        """Return the names that a claim's queries use, with their spellings."""
        claim = self.claims.get(key, {})
        used = _USED_NAME.findall(" ".join(_queries(claim).values()))
        return {name: _spellings(self.names.get(name, "")) for name in used}


def compare(before: str, after: str, names: tuple[str, str] = ("before", "after")) -> Comparison:
    """Compare two documents; `names` is what the unified diff calls them."""
    old, new = _Outline.read(before), _Outline.read(after)
    added = [key for key in new.claims if key not in old.claims]
    removed = [key for key in old.claims if key not in new.claims]
    renamed = _find_renamed(old, new, removed, added)
    was, became = {old_key for old_key, _ in renamed}, {new_key for _, new_key in renamed}
    own = {key: _told_change(old.claims[key], claim) for key, claim in new.claims.items() if key in old.claims}
    changed = [key for key, told in own.items() if told or old.names_of(key) != new.names_of(key)]
    words = [
        *_told_head(old, new),
        *(f"added: {_shown(key, new.claims[key])}" for key in added if key not in became),
        *(f"removed: {_shown(key, old.claims[key])}" for key in removed if key not in was),
        *(f"renamed: {was_called} is now {is_called}, with the same words" for was_called, is_called in renamed),
        *(f"changed: {key}: {'; '.join(told)}" for key, told in own.items() if told),
        *_told_names(old, new),
        *_told_glossary(old, new),
    ]
    one, other = (unix_lines(text).splitlines(keepends=True) for text in (before, after))
    unified = "".join(map(_ended, difflib.unified_diff(one, other, names[0], names[1], n=2)))
    return Comparison(
        added=tuple(key for key in added if key not in became),
        removed=tuple(key for key in removed if key not in was),
        changed=tuple(changed),
        renamed=tuple(renamed),
        words=tuple(words) or ((ONLY_LAYOUT,) if unified else ()),
        unified=unified,
    )


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n"


def _find_renamed(old: _Outline, new: _Outline, removed: list[str], added: list[str]) -> list[tuple[str, str]]:
    """Pair claims that went and came with the same words: most often one claim whose id was rewritten."""
    left = list(added)
    pairs = []
    for gone in removed:
        text = _claim_text(old.claims[gone])
        for came in left:
            if text and _claim_text(new.claims[came]) == text:
                pairs.append((gone, came))
                left.remove(came)
                break
    return pairs


def _claim_text(claim: Mapping[str, Plain]) -> str:
    return fold(" ".join(str(claim.get("claim", "")).split()))


def _shown(key: str, claim: Mapping[str, Plain]) -> str:
    said_by = _line(claim.get("said_by", ""))
    return f"{key}: {_line(claim.get('claim', ''))} (said by {said_by})"


def _told_change(old: Mapping[str, Plain], new: Mapping[str, Plain]) -> list[str]:
    lines = [(key, _line(old.get(key, "")), _line(new.get(key, ""))) for key in _SIMPLE]
    told = [f'{key} was "{one}", is "{other}"' for key, one, other in lines if one != other]
    queries = _queries(old), _queries(new)
    for place in dict.fromkeys([*queries[0], *queries[1]]):
        one, other = (_line(query.get(place, "")) for query in queries)
        if one != other:
            told.append(f"{place}: {_told_words(one, other)}")
    others = sorted({*old, *new} - {"id", "terms", "not", *_SIMPLE})
    told += [f"{key} changed" for key in others if old.get(key) != new.get(key)]
    return told


def _queries(claim: Mapping[str, Plain]) -> dict[str, str]:
    terms = claim.get("terms")
    queries = {f"terms in {lang}": _line(query) for lang, query in terms.items()} if isinstance(terms, dict) else {}
    return queries | ({"not": _line(claim["not"])} if claim.get("not") else {})


def _told_words(old: str, new: str) -> str:
    """Tell which words of a query came and went; where none did, it is put together otherwise."""
    one, other = (
        list(dict.fromkeys(token for token in _TOKEN.findall(query) if token not in _OPERATORS)) for query in (old, new)
    )
    came = [token for token in other if token not in one]
    gone = [token for token in one if token not in other]
    told = [f"{sign} {_some(tokens)}" for sign, tokens in (("+", came), ("-", gone)) if tokens]
    return ", ".join(told) or "the same words, joined otherwise"


def _some(words: list[str]) -> str:
    more = f" and {len(words) - _MAX_WORDS_SHOWN} more" if len(words) > _MAX_WORDS_SHOWN else ""
    return ", ".join(words[:_MAX_WORDS_SHOWN]) + more


def _told_head(old: _Outline, new: _Outline) -> list[str]:
    keys = [key for key in dict.fromkeys([*old.whole, *new.whole]) if key not in _PARTS_TOLD_APART]
    told = []
    for key in keys:
        one, other = (outline.whole.get(key, "") for outline in (old, new))
        if one != other and isinstance(one, str) and isinstance(other, str):
            told.append(f'{key} was "{_line(one)}", is "{_line(other)}"')
        elif one != other:
            told.append(f"{key} changed")
    return told


def _told_names(old: _Outline, new: _Outline) -> list[str]:
    told = []
    for name in dict.fromkeys([*old.names, *new.names]):
        one, other = (outline.names.get(name) for outline in (old, new))
        if one == other:
            continue
        spellings = [_spellings(value or "") for value in (one, other)]
        came = [spelling for spelling in spellings[1] if spelling not in spellings[0]]
        gone = [spelling for spelling in spellings[0] if spelling not in spellings[1]]
        parts = [f"{sign} {_some(some)}" for sign, some in (("+", came), ("-", gone)) if some]
        state = "new, " if one is None else "gone, " if other is None else ""
        told.append(f"name @{name}: {state}{', '.join(parts) or 'its note or the order changed'}")
    return told


def _spellings(name: Plain) -> list[str]:
    value = name.get("spellings") if isinstance(name, dict) else name
    return [str(spelling) for spelling in value] if isinstance(value, list) else []


def _told_glossary(old: _Outline, new: _Outline) -> list[str]:
    told = []
    glossaries = _glossary(old), _glossary(new)
    for lang in dict.fromkeys([*glossaries[0], *glossaries[1]]):
        one, other = (glossary.get(lang, {}) for glossary in glossaries)
        checked = [term for term, entry in other.items() if entry.get("checked_by") and not _checked(one.get(term))]
        counted = (
            ("added", [term for term in other if term not in one]),
            ("removed", [term for term in one if term not in other]),
            (
                "explained otherwise",
                [term for term in one if term in other and _gloss(one[term]) != _gloss(other[term])],
            ),
            ("newly checked by a reader", checked),
        )
        parts = [f"{len(terms)} {what}" for what, terms in counted if terms]
        told += [f"glossary {lang}: {', '.join(parts)}"] if parts else []
    return told


def _glossary(outline: _Outline) -> dict[str, dict[str, Mapping[str, Plain]]]:
    whole = outline.whole.get("glossary")
    languages = whole.items() if isinstance(whole, dict) else ()
    return {
        lang: {str(entry.get("term", "")): entry for entry in entries if isinstance(entry, dict)}
        for lang, entries in languages
        if isinstance(entries, list)
    }


def _gloss(entry: Mapping[str, Plain]) -> str:
    return _line(entry.get("gloss", ""))


def _checked(entry: Mapping[str, Plain] | None) -> bool:
    return bool(entry and entry.get("checked_by"))


def _line(value: Plain) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""
