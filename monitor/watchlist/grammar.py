"""The grammar of the query language, and what is wrong with a query that doesn't keep to it. In: text. Out: Tree.

What can be said about two tokens side by side is said here, in the operator's words; lark builds the tree of what is
left, which is always well formed.
"""

import difflib
import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from lark import Lark, Token, Tree

from monitor.errors import MonitorError

MAX_DEPTH = 50

_LARK = Lark(
    r"""
    ?start: either
    ?either: both (_OR both)*
    ?both: negation (_AND negation)*
    ?negation: _NOT near -> without
        | near
    ?near: operand (NEAR operand)*
    ?operand: WORD | PHRASE | NAME | _OPEN either _CLOSE
        | FIELD operand -> field

    _AND.3: /AND(?![^\s()"])/
    _OR.3: /OR(?![^\s()"])/
    _NOT.3: /NOT(?![^\s()"])/
    NEAR.3: /NEAR(\/[^\s()"]*)?(?![^\s()"])/
    FIELD.4: /(?:title|site|lang):/i
    _OPEN: "("
    _CLOSE: ")"
    PHRASE.2: /"[^"]*"?/
    NAME.2: /@[^\s()"]*/
    WORD: /[^\s()"]+/
    %ignore /\s+/
    """,
    parser="lalr",
    lexer="basic",
)
_BEGINS_OPERAND = frozenset({"WORD", "PHRASE", "NAME", "_OPEN", "FIELD"})
_ENDS_OPERAND = frozenset({"WORD", "PHRASE", "NAME", "_CLOSE"})
_NOT_AFTER = {
    "NEAR": "NEAR joins words, phrases and names; it can't take NOT",
    "_NOT": "NOT NOT cancels itself: leave both out",
    "FIELD": "write NOT before the field: NOT title:word",
}
_OPERATOR_LIKE = re.compile(r"(?:and|or|not|near(?:/?\d*)?)", re.IGNORECASE)
_OPERATORS = ("AND", "OR", "NOT", "NEAR")
_MISSPELT = re.compile(r"([A-Z]{2,6})(/\d+)?")


class QueryError(MonitorError):
    """A query can't be read; `position` counts characters from 0."""

    reason = "bad_query"

    def __init__(self, message: str, position: int, query: str) -> None:
        self.message = message
        self.position = position
        self.query = query
        super().__init__(f"{message}\n{caret_display(query, position)}")


def read_tree(text: str) -> Tree[Token] | Token:
    """Read a query that is not empty. Raises QueryError."""
    tokens = list(_LARK.lex(text))
    _check_brackets(tokens, text)
    _check_order(tokens, text)
    return _LARK.parse(text)


def caret_display(query: str, position: int) -> str:
    """Return the line of the query around a position, and under it a caret."""
    first = query.rfind("\n", 0, position) + 1
    last = query.find("\n", position)
    line = query[first : last if last >= 0 else len(query)].replace("\t", " ")
    offset = position - first
    cut = max(0, offset - 60)
    # A combining sign takes no column of its own.
    columns = sum(1 for character in line[cut:offset] if unicodedata.category(character) not in ("Mn", "Cf"))
    return f"  {line[cut : offset + 40]}\n  {' ' * columns}^"


def position_of(token: Token) -> int:
    """Return where a token begins, from 0."""
    return token.start_pos or 0


def _check_brackets(tokens: Sequence[Token], text: str) -> None:
    opened: list[int] = []
    for token in tokens:
        if token.type == "_OPEN":
            opened.append(position_of(token))
            if len(opened) > MAX_DEPTH:
                raise QueryError(f"brackets stand at most {MAX_DEPTH} deep", position_of(token), text)
        elif token.type == "_CLOSE":
            if not opened:
                raise QueryError("nothing opens this bracket", position_of(token), text)
            opened.pop()
        elif token.type == "PHRASE" and (len(token) < 2 or token[-1] != '"'):
            raise QueryError("this quote is never closed", position_of(token), text)
    if opened:
        raise QueryError("this bracket is never closed", opened[-1], text)


def _check_order(tokens: Sequence[Token], text: str) -> None:
    if tokens[0].type in ("_AND", "_OR", "NEAR"):
        raise QueryError(f"{tokens[0]} needs something before it", position_of(tokens[0]), text)
    for before, after in pairwise(tokens):
        if fault := _fault_between(before, after):
            raise QueryError(fault, position_of(after), text)
    if tokens[-1].type not in _ENDS_OPERAND:
        raise QueryError(f"{tokens[-1]} needs something after it", position_of(tokens[-1]), text)


def _fault_between(before: Token, after: Token) -> str:
    """Say what is wrong with two tokens side by side, or nothing."""
    if before.type in _ENDS_OPERAND:
        return _fault_after_operand(before, after)
    if after.type == "_NOT":
        return _NOT_AFTER.get(before.type, "")
    if after.type in _BEGINS_OPERAND:
        return ""
    if before.type != "_OPEN":
        return f"something is missing between {before} and {after}"
    return "nothing stands in these brackets" if after.type == "_CLOSE" else f"{after} needs something before it"


def _fault_after_operand(before: Token, after: Token) -> str:
    if after.type == "_NOT":
        return "put AND before NOT: AND NOT"
    if after.type not in _BEGINS_OPERAND:
        return ""
    small = [token.upper() for token in (before, after) if _looks_operator(token)]
    hint = f"; operators are in capitals: {small[0]}" if small else ""
    if meant := not small and (_meant(before) or _meant(after)):
        hint = f"; did you mean {meant}?"
    return f"put AND, OR or quotes between {_shown(before)} and {_shown(after)}{hint}"


def _looks_operator(token: Token) -> bool:
    return token.type == "WORD" and _OPERATOR_LIKE.fullmatch(token) is not None


def _meant(token: Token) -> str:
    """Return the operator that a word in capitals between two others was most likely meant for: NEAR/5 for NAER/5."""
    found = _MISSPELT.fullmatch(token) if token.type == "WORD" else None
    close = difflib.get_close_matches(found[1], _OPERATORS, n=1, cutoff=0.65) if found else []
    return close[0] + (found[2] or "") if found and close else ""


def _shown(token: Token) -> str:
    return token if token.type == "PHRASE" else f'"{token}"'
