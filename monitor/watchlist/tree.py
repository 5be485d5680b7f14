"""YAML as a tree that knows its places. In: YAML text. Out: Node. Never: follows an alias, or gives a value a type.

Every scalar is text: `no` is the word, 2014 stays as typed. What a watchlist has no use for is refused: anchors (an
alias bomb needs them), tags, several documents, deep nesting.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from monitor.errors import Fault
from monitor.watchlist.grammar import caret_display

MAX_DEPTH = 20
# Direction marks could show an operator another query than the one that is read (CVE-2021-42574).
REFUSED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
Plain: TypeAlias = "str | list[Plain] | dict[str, Plain]"

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_IN_OUR_WORDS = (
    ("found character '\\t'", "a tab stands here: indent with spaces"),
    ("found character '@'", "a text that begins with @ needs single quotes round it: YAML keeps the @ for itself"),
    ("found character '`'", "a text that begins with ` needs single quotes round it: YAML keeps the ` for itself"),
    ("found character '%'", "a text that begins with % needs single quotes round it: YAML keeps the % for itself"),
    (
        "mapping values are not allowed here",
        'a ": " is taken for another key here: put the text in quotes, or look at the indentation',
    ),
    (
        "expected <block end>, but found '<scalar>'",
        "something follows the closing quote: put the whole text in single quotes, outside the double ones",
    ),
    ("expected <block end>", "this doesn't belong to what stands above it: look at the indentation"),
    ("could not find expected ':'", 'a key without its ":": write "key: value", or look at the indentation'),
    ("found unexpected end of stream", "a quote is opened here and never closed"),
    ("<stream end>", "a bracket is opened here and never closed"),
    ("unknown escape character", "in double quotes a backslash has a meaning of its own: use single quotes"),
)
# There YAML stops at the end of the file; what is wrong is where it began.
_WHERE_IT_BEGAN = ("found unexpected end of stream", "<stream end>", "could not find expected ':'")


class BadYaml(Exception):
    """The text is not YAML that a watchlist may be written in."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


@dataclass(slots=True)
class Node:
    """A scalar, list or mapping, and where it stands (from 1). An empty value stands where its key does."""

    line: int
    column: int
    scalar: str | None = None
    items: list["Node"] | None = None
    entries: dict[str, "Node"] | None = None
    keys: dict[str, "Node"] = field(default_factory=dict)
    raw: str = ""

    def plain(self) -> Plain:
        """Return the bare values."""
        if self.entries is not None:
            return {key: node.plain() for key, node in self.entries.items()}
        if self.items is not None:
            return [node.plain() for node in self.items]
        return self.scalar or ""

    def get(self, key: str) -> "Node":
        """Return what stands under a key; an empty node where there is nothing of the kind."""
        return (self.entries or {}).get(key) or Node(self.line, self.column, scalar="")

    def each(self) -> Iterator["Node"]:
        """Go through the items of a list; nothing else has any."""
        yield from self.items or ()

    def pairs(self) -> Mapping[str, "Node"]:
        """Return the entries of a mapping; nothing else has any."""
        return self.entries or {}

    def place_of(self, position: int) -> tuple[int, int]:
        """Return line and column of a character of the scalar, found again in the text as it is written."""
        at = _find_again(self.scalar or "", self.raw, position)
        before = self.raw[:at]
        lines = before.count("\n")
        return self.line + lines, (at - before.rfind("\n") if lines else self.column + at)

    def find(self, path: tuple[int | str, ...]) -> "Node":
        """Return the node at a path, or the nearest one above it."""
        node = self
        for step in path:
            inner: Node | None = None
            if isinstance(step, str) and node.entries is not None:
                inner = node.entries.get(step)
            elif isinstance(step, int) and node.items is not None and step < len(node.items):
                inner = node.items[step]
            if inner is None:
                break
            node = inner
        return node


def read_yaml(text: str) -> Node:
    """Read one YAML document. Raises BadYaml."""
    growing = _Growing(text)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            growing.add(event)
    except MarkedYAMLError as error:
        raise BadYaml(growing.unclosed() or _explain(error, text)) from error
    except (YAMLError, ValueError) as error:
        raise BadYaml(Fault(f"this is not YAML: {error}")) from error
    if growing.root is None:
        raise BadYaml(Fault('nothing stands in this file: a watchlist begins with "watchlist: a-short-name"', 1, 1))
    return growing.root


def _explain(error: MarkedYAMLError, text: str) -> Fault:
    problem = str(error.problem or error.context or "it can't be read")
    words = next((words for sign, words in _IN_OUR_WORDS if sign in problem), f"this is not YAML: {problem}")
    began = error.context_mark if any(sign in problem for sign in _WHERE_IT_BEGAN) else None
    mark = began or error.problem_mark or error.context_mark
    if mark is None:
        return Fault(words)
    position = min(len(text), _start_of_line(text, mark.line) + mark.column)
    return Fault(f"{words}\n{caret_display(text, position)}", mark.line + 1, mark.column + 1)


def _start_of_line(text: str, line: int) -> int:
    start = 0
    for _ in range(line):
        start = text.find("\n", start) + 1
    return start


class _Growing:
    """The tree while events come in; kept on a stack of its own, so that no depth of brackets overflows Python's."""

    def __init__(self, text: str) -> None:
        self.root: Node | None = None
        self._text = text
        self._open: list[Node] = []
        self._keys: list[Node | None] = []
        self._last: Event | None = None

    def unclosed(self) -> Fault | None:
        """Return the quote that is closed only lines below, where it was the last that could be read: one is missing.

        YAML finds fault with what follows, which is seldom where the operator has slipped.
        """
        event = self._last
        if not isinstance(event, ScalarEvent) or event.style not in ("'", '"'):
            return None
        begin, end = event.start_mark, event.end_mark
        if begin.line == end.line:
            return None
        words = f"the quote that is opened here ends only on line {end.line + 1}: is one missing?"
        return Fault(f"{words}\n{caret_display(self._text, begin.index)}", begin.line + 1, begin.column + 1)

    def add(self, event: Event) -> None:
        self._last = event
        if isinstance(event, DocumentStartEvent) and self.root is not None:
            raise _bad("a second document begins here: put it into a file of its own", event)
        if isinstance(event, MappingEndEvent | SequenceEndEvent):
            self._open.pop()
            self._keys.pop()
        elif isinstance(event, NodeEvent):
            self._refuse(event)
            self._place(self._node(event), event)

    def _refuse(self, event: NodeEvent) -> None:
        if isinstance(event, AliasEvent):
            raise _bad(
                f"*{event.anchor} refers to another place, which it can't here: write it out, or use quotes",
                event,
            )
        if event.anchor is not None:
            raise _bad(
                f"&{event.anchor} names a place to refer to, which it can't here: take it out, or use quotes",
                event,
            )
        if getattr(event, "tag", None) is not None:
            raise _bad("a text that begins with ! needs quotes round it: YAML keeps the ! for itself", event)
        if isinstance(event, ScalarEvent) and (found := REFUSED.search(str(event.value))):
            # As text they are refused before; here YAML's own escapes ("\e", "\u202e") would bring them in.
            raise _bad(f"an escape here stands for a control character (U+{ord(found[0]):04X}): take it out", event)
        if len(self._open) >= MAX_DEPTH:
            raise _bad(f"this is nested more than {MAX_DEPTH} deep: is a bracket doubled?", event)

    def _node(self, event: NodeEvent) -> Node:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, MappingStartEvent):
            return Node(line, column, entries={})
        if isinstance(event, SequenceStartEvent):
            return Node(line, column, items=[])
        value = str(event.value) if isinstance(event, ScalarEvent) else ""
        if getattr(event, "style", None) is None and value in _NULLS:
            value = ""
        return Node(line, column, scalar=value, raw=self._text[event.start_mark.index : event.end_mark.index])

    def _place(self, node: Node, event: NodeEvent) -> None:
        parent = self._open[-1] if self._open else None
        if parent is None:
            self.root = node
        elif parent.items is not None:
            parent.items.append(node)
        elif parent.entries is not None:
            key = self._keys[-1]
            if key is None:
                self._keys[-1] = self._checked_key(parent, node, event)
                return
            self._keys[-1] = None
            if node.scalar == "" and not node.raw:
                node.line, node.column = key.line, key.column
            parent.entries[key.scalar or ""] = node
            parent.keys[key.scalar or ""] = key
        if node.scalar is None:
            self._open.append(node)
            self._keys.append(None)

    def _checked_key(self, parent: Node, key: Node, event: NodeEvent) -> Node:
        if key.scalar is None:
            raise _bad("a key is one word, and here stand several in brackets", event)
        if (earlier := parent.keys.get(key.scalar)) is not None:
            raise _bad(f'"{key.scalar}" stands twice here; the first is on line {earlier.line}: take one out', event)
        return key


def _bad(message: str, event: Event) -> BadYaml:
    return BadYaml(Fault(message, event.start_mark.line + 1, event.start_mark.column + 1))


def _find_again(value: str, raw: str, position: int) -> int:
    """Walk value and raw together to where a character of the value is written.

    Quotes, escapes, indentation and folding stand only in the raw text and are stepped over; what an escape stands
    for is not found again, and the place is then that of the character before it.
    """
    opening = re.match(r"[|>][^\n]*\n|['\"]", raw)
    reached = at = opening.end() if opening else 0
    for offset, character in enumerate(value[: position + 1]):
        if character.isspace():
            if offset == position:
                return min(at, len(raw))
            continue
        found = raw.find(character, at)
        if found < 0:
            return reached
        reached, at = found, found + 1
        if raw[:1] == "'" == character:
            at += 1
    return reached
