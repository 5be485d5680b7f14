"""The boolean expression of a claim or a search: what the grammar reads, and the matcher and the archive evaluate.

Term text is already normalised (`monitor.text.normalise`), so equal spellings are equal strings.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """One whole word, in all its English inflections unless `is_exact`; with `is_prefix`, any word that begins so."""

    text: str
    is_prefix: bool = False
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow each other, as they are; with `is_exact` false, each in all its English inflections."""

    words: tuple[str, ...]
    is_exact: bool = True


@dataclass(frozen=True, slots=True)
class Site:
    """The article stands on this host or on one within it."""

    host: str


@dataclass(frozen=True, slots=True)
class Lang:
    """The article is in this language, an ISO 639 code."""

    code: str


@dataclass(frozen=True, slots=True)
class Title:
    """What must hold of the title alone."""

    part: "Expression"


@dataclass(frozen=True, slots=True)
class And:
    """All of them, anywhere in the article."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of them."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """None of it."""

    part: "Expression"


@dataclass(frozen=True, slots=True)
class Near:
    """Both sides with at most `distance` words between them, in either order."""

    left: "Expression"
    right: "Expression"
    distance: int


Term = Word | Phrase
Fact = Site | Lang
Expression = Word | Phrase | Site | Lang | Title | And | Or | Not | Near


def iter_leaves(expression: Expression) -> Iterator[Term | Fact]:
    """Go through all words, phrases and facts of an expression, denied ones too."""
    match expression:
        case Word() | Phrase() | Site() | Lang():
            yield expression
        case And(parts) | Or(parts):
            for part in parts:
                yield from iter_leaves(part)
        case Not(part) | Title(part):
            yield from iter_leaves(part)
        case Near(left, right):
            yield from iter_leaves(left)
            yield from iter_leaves(right)


def iter_terms(expression: Expression) -> Iterator[Term]:
    """Go through all words and phrases of an expression, denied ones too."""
    return (leaf for leaf in iter_leaves(expression) if isinstance(leaf, Word | Phrase))
