"""The boolean expression of a claim: what the grammar reads and the matcher evaluates.

Term text is already normalised (`monitor.text.normalise`), so equal spellings are equal strings.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """One whole word; with `is_prefix`, any word that begins so."""

    text: str
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow each other."""

    words: tuple[str, ...]


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


Expression = Word | Phrase | And | Or | Not | Near
Term = Word | Phrase


def iter_terms(expression: Expression) -> Iterator[Term]:
    """Go through all words and phrases of an expression, denied ones too."""
    match expression:
        case Word() | Phrase():
            yield expression
        case And(parts) | Or(parts):
            for part in parts:
                yield from iter_terms(part)
        case Not(part):
            yield from iter_terms(part)
        case Near(left, right):
            yield from iter_terms(left)
            yield from iter_terms(right)
