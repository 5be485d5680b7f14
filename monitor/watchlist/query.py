"""The query language. In: text, and names it may use. Out: Expression. Never: guesses between two meanings.

`AND OR NOT ( )`, "a phrase", prefix*, NEAR/n, title:, site:, lang:, @name. A field binds tightest, then NEAR, NOT, AND,
OR. Two words side by side are refused: it isn't clear whether both, either or the phrase is meant.
"""

import difflib
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

from lark import Token, Tree

from monitor.model.query import And, Expression, Fact, Lang, Near, Not, Or, Phrase, Site, Term, Title, Word, iter_leaves
from monitor.text.khmer import is_khmer
from monitor.text.normalise import fold
from monitor.text.tokens import forms_of, is_clustered
from monitor.watchlist.grammar import QueryError, position_of, read_tree

MAX_TERMS = 1000
MAX_CHARACTERS = 50_000
MAX_DISTANCE = 100

Names = Mapping[str, Sequence[str]]

_STRAIGHT_QUOTES = str.maketrans(dict.fromkeys("\u201c\u201d\u201e\u201f", '"'))
_SEPARATORS = re.compile(r"[\s-]+")
_WITHIN_WORDS = frozenset("-.'’&/+#_%$")
_HOST = re.compile(r"(?:[\w-]{1,63}\.)*[\w-]{1,63}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


def parse_query(
    text: str, names: Names, *, has_facts: bool = True, why_unknown: Callable[[str], str] | None = None
) -> Expression:
    """Read a query. Raises QueryError, which says where and what to do.

    Without `has_facts`, `site:` and `lang:` are refused: what is asked has no address and no language. `why_unknown`
    says of a name that is not among `names` what to do; else that is said as of a watchlist that one writes.
    """
    text = text.translate(_STRAIGHT_QUOTES)
    if not text.strip():
        raise QueryError("the query is empty", 0, text)
    if len(text) > MAX_CHARACTERS:
        raise QueryError(f"a query has at most {MAX_CHARACTERS:,} characters", MAX_CHARACTERS, text)
    expression = _Builder(text, names, has_facts, why_unknown or partial(_why_unwritten, names)).build(read_tree(text))
    if (count := len(set(iter_leaves(expression)))) > MAX_TERMS:
        raise QueryError(
            f"a query has at most {MAX_TERMS} different words, phrases and names' spellings; here {count}", 0, text
        )
    if holds_of_nothing(expression):
        raise QueryError("this holds for an article with none of the words: join NOT to something with AND", 0, text)
    return expression


def canonical_form(expression: Expression) -> str:
    """Write an expression so that two which mean the same by order alone are written the same."""
    match expression:
        case Word() | Phrase() | Site() | Lang():
            return json.dumps(_canonical_leaf(expression))
        case Title(part):
            return f"title:{canonical_form(part)}"
        case And(parts) | Or(parts):
            joint = " & " if isinstance(expression, And) else " | "
            return f"({joint.join(sorted(map(canonical_form, parts)))})"
        case Not(part):
            return f"!{canonical_form(part)}"
        case Near(left, right, distance):
            return f"({f' ~{distance} '.join(sorted(map(canonical_form, (left, right))))})"


def _canonical_leaf(leaf: Term | Fact) -> list[str | bool]:
    match leaf:
        case Word(text, is_prefix, is_exact):
            return [text, is_prefix, *["exact"] * (is_exact and not is_prefix)]
        case Phrase(words, is_exact):
            return ["phrase" if is_exact else "compound", *words]
        case Site(host):
            return ["site", host]
        case Lang(code):
            return ["lang", code]


def either(parts: Sequence[Expression]) -> Expression:
    """Join expressions with OR."""
    return _join(Or, parts)


def _why_unwritten(names: Names, name: str) -> str:
    close = difflib.get_close_matches(name, list(names), n=1)
    remedy = f'did you mean "@{close[0]}"?' if close else f'write it there, as "  {name}: [Its Spelling]"'
    if "/" in name:
        remedy = "a list uses its own names alone, written without a list before them"
    return f'no name "{name}" stands under "names": {remedy}'


@dataclass(frozen=True, slots=True)
class _Builder:
    """Makes the expression out of a tree that `_check_order` has found well formed."""

    text: str
    names: Names
    has_facts: bool
    why_unknown: Callable[[str], str]

    def build(self, node: Token | Tree[Token], *, is_denied: bool = False) -> Expression:
        if isinstance(node, Token):
            return self._leaf(node)
        if node.data == "near":
            return self._near(node.children)
        if node.data == "field":
            return self._field(node.children, is_denied=is_denied)
        if node.data == "without":
            if is_denied:
                first = next(node.scan_values(lambda _: True))
                raise QueryError("a NOT inside a NOT is hard to read: say it without", position_of(first), self.text)
            return Not(self.build(node.children[0], is_denied=True))
        parts = [self.build(child, is_denied=is_denied) for child in node.children]
        return _join(Or if node.data == "either" else And, parts)

    def _near(self, children: Sequence[Token | Tree[Token]]) -> Near:
        near, *more = (child for child in children if isinstance(child, Token) and child.type == "NEAR")
        if more:
            raise self._fault("NEAR joins two things: write (a NEAR/5 b) AND (b NEAR/5 c)", more[0])
        digits = near[len("NEAR/") :]
        if not (digits.isascii() and digits.isdigit() and 1 <= int(digits[:4]) <= MAX_DISTANCE):
            raise self._fault(f"write NEAR/n: at most n words between the two, n from 1 to {MAX_DISTANCE}", near)
        sides = self.build(children[0]), self.build(children[2])
        if not all(map(_may_be_near, sides)):
            raise self._fault("NEAR joins words, phrases, names and groups of them with OR, nothing else", near)
        return Near(*sides, int(digits))

    def _field(self, children: Sequence[Token | Tree[Token]], *, is_denied: bool) -> Expression:
        field, of = cast("Token", children[0]), children[1]
        if field.lower() == "title:":
            part = self.build(of, is_denied=is_denied)
            if any(isinstance(leaf, Site | Lang) for leaf in iter_leaves(part)):
                raise self._fault("a title has no site and no language: join them to it with AND", field)
            return Title(part)
        if not self.has_facts:
            raise self._fault(f"{field} can't be asked here: only words, phrases and title: can", field)
        value = fold(of[1:-1] if of.type == "PHRASE" else of) if isinstance(of, Token) else ""
        if field.lower() == "site:":
            if not _HOST.fullmatch(value):
                raise self._fault("write a host after site:, as site:example.org; or (site:… OR site:…)", field)
            return Site(value.removeprefix("www."))
        if not _LANGUAGE.fullmatch(value):
            raise self._fault("write an ISO 639 code after lang:, as lang:km; or (lang:… OR lang:…)", field)
        return Lang(value)

    def _leaf(self, token: Token) -> Expression:
        if token.type == "NAME":
            return self._name(token)
        if token.type == "PHRASE":
            if "*" in token:
                raise self._fault("* means something only after a word without quotes", token, token.index("*"))
            fault = "nothing that can be looked for stands in these quotes"
            return self._literal(token[1:-1], token, fault, is_exact=True)
        return self._word(token)

    def _name(self, token: Token) -> Expression:
        name = token[1:]
        if not name:
            raise self._fault("@ needs a name right after it, as @harbour-aid", token)
        if name not in self.names:
            raise self._fault(self.why_unknown(name), token)
        fault = f"@{name} has an empty spelling"
        spellings = [self._literal(spelling, token, fault, is_exact=True) for spelling in self.names[name]]
        if not spellings:
            raise self._fault(f"@{name} has no spellings", token)
        return _join(Or, spellings)

    def _word(self, token: Token) -> Expression:
        if token.startswith("-"):
            raise self._fault(f"a minus means nothing here: write AND NOT {token[1:]}", token)
        body, star = (token[:-1], True) if token.endswith("*") else (str(token), False)
        for offset, character in enumerate(body):
            if character == "*":
                raise self._fault("* stands only at the end of a word", token, offset)
            if not _is_in_words(character):
                raise self._fault(f'"{character}" means nothing here: leave it out, or use quotes', token, offset)
        if star:
            return self._prefix(body, token)
        return self._literal(body, token, "no letter and no digit stands here", is_exact=False)

    def _prefix(self, body: str, token: Token) -> Word:
        stem = fold(body)
        is_short, least = True, "three letters"
        if (forms := forms_of(stem)) and is_clustered(forms[-1]):
            is_short, least = len(forms) < 2, "two Khmer clusters" if is_khmer(forms[-1][0]) else "two characters"
        elif forms:
            is_short = sum(map(str.isalnum, stem)) < 3
        if is_short:
            raise self._fault(f"a prefix has at least {least}: {token} would be found everywhere", token)
        return Word(stem, is_prefix=True)

    def _literal(self, raw: str, token: Token, fault: str, *, is_exact: bool) -> Word | Phrase:
        words = tuple(word for word in _SEPARATORS.split(fold(raw)) if word)
        if not forms_of(" ".join(words)):
            raise self._fault(fault, token)
        return Word(words[0], is_exact=is_exact) if len(words) == 1 else Phrase(words, is_exact)

    def _fault(self, message: str, token: Token, offset: int = 0) -> QueryError:
        return QueryError(message, position_of(token) + offset, self.text)


def _join(kind: type[And] | type[Or], parts: Sequence[Expression]) -> Expression:
    """Join parts, and those of a part of the same kind, as one level: (a OR b) OR c says a OR b OR c."""
    flat: list[Expression] = []
    for part in parts:
        flat += part.parts if isinstance(part, kind) else (part,)
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def _may_be_near(expression: Expression) -> bool:
    if isinstance(expression, Or):
        return all(map(_may_be_near, expression.parts))
    return isinstance(expression, Word | Phrase)


def holds_of_nothing(expression: Expression) -> bool:
    """Tell whether an expression holds for an article with none of its words."""
    match expression:
        case And(parts):
            return all(map(holds_of_nothing, parts))
        case Or(parts):
            return any(map(holds_of_nothing, parts))
        case Not(part):
            return not holds_of_nothing(part)
        case Title(part):
            return holds_of_nothing(part)
    return False


def _is_in_words(character: str) -> bool:
    return character in _WITHIN_WORDS or unicodedata.category(character)[0] in "LMN" or not fold(character)
