"""Read and write the list of sources. In: YAML text. Out: SourceSpecs, or text. Never: opens a file or the network.

Every fault of a list is told at once, with its line and column. What a list has no use for is refused: anchors (an
alias bomb needs them), control and direction characters, more than 20,000 rows.
"""

import difflib
import io
import re
from collections.abc import Iterable, Iterator

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from monitor.errors import ConfigurationError, Fault
from monitor.model.archiving import SourceSpec
from monitor.model.fetching import SAMPLE_HOST
from monitor.sources.rows import Row, Wanted, identify, row_of
from monitor.text.plain import drop_controls

SAMPLE_FEED = f"https://{SAMPLE_HOST}/feed.xml"
MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 20_000
MAX_TOLD = 50
MAX_DEPTH = 4

# Direction marks could show an operator another address than the one that is read (CVE-2021-42574).
_REFUSED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_NULLS = frozenset({"", "~", "null"})
_REMEDIES = {
    "mapping values are not allowed": 'put a text that holds ": " in quotes',
    "\\t": "indent with spaces, not with tabs",
    "unexpected end of stream": "a quote is never closed",
    "cannot start any token": "put a text that begins so in quotes",
    "another document": "a list is one document",
    "duplicate": "keep one of them",
}
_LISTS: dict[str, type[BaseModel]] = {"sources": Row, "wanted": Wanted}


def read_catalogue(text: str, file: str) -> tuple[SourceSpec, ...]:
    """Return the sources of a list. Raises ConfigurationError that names every place that is wrong."""
    return tuple(row.spec() for row in _read(text, file)["sources"] if isinstance(row, Row))


def read_wanted(text: str, file: str) -> tuple[Wanted, ...]:
    """Return what a list says is wanted and still without an address. Raises as `read_catalogue` does."""
    return tuple(row for row in _read(text, file)["wanted"] if isinstance(row, Wanted))


def write_catalogue(specs: Iterable[SourceSpec]) -> str:
    """Return the list that reads back as these sources; the sample is no row of a list and is left out."""
    rows = [_cleaned(row_of(spec)) for spec in specs if not spec.is_sample]
    yaml = YAML(typ="rt", pure=True)
    yaml.allow_unicode, yaml.width = True, 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump({"sources": rows}, out)
    return out.getvalue()


def sample_source() -> SourceSpec:
    """Return the sample newsroom's feed, on the reserved host that is served without a socket."""
    return SourceSpec(url=SAMPLE_FEED, title="Sample newsroom (invented)", language="en", is_sample=True)


def _cleaned(row: dict[str, object]) -> dict[str, object]:
    return {key: drop_controls(value) if isinstance(value, str) else value for key, value in row.items()}


def _read(text: str, file: str) -> dict[str, list[BaseModel]]:
    text = text.removeprefix("\ufeff")
    read: dict[str, list[BaseModel]] = {name: [] for name in _LISTS}
    lines: dict[str, int] = {}
    try:
        root = _compose(text)
        faults = [*_faults_of_shape(root)]
        for name, rows in _rows(root):
            for node in rows:
                row, wrong = _read_row(node, _LISTS[name])
                read[name] += [row] if row else []
                faults += [*wrong, *_repeated(row, node, lines)]
    except _Broken as error:
        faults = [error.fault]
    if faults:
        raise ConfigurationError(_tell(sorted(faults, key=lambda fault: (fault.line, fault.column)), file))
    return read


def _repeated(row: BaseModel | None, node: Node, lines: dict[str, int]) -> Iterator[Fault]:
    """Tell a row whose address an earlier one has; `lines` is where each stands."""
    if isinstance(row, Row):
        line, column = _place(node)
        first = lines.setdefault(identify(row.address, row.kind), line)
        if first != line:
            yield Fault(f'source "{row.title[:80]}": its address stands on line {first} already', line, column)


def _tell(faults: list[Fault], file: str) -> str:
    told = [f"{file}:{fault.line}:{fault.column}: {fault.message}" for fault in faults[:MAX_TOLD]]
    rest = len(faults) - len(told)
    return "\n".join([*told, *([f"{file}: and {rest} more"] if rest else [])])


class _Broken(Exception):
    """The text can't be read as a list at all."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.fault = Fault(message, line, column)


def _compose(text: str) -> Node:
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise _Broken(f"a list of sources has at most {MAX_BYTES // 1024**2} MB; split it")
    if found := _REFUSED.search(text):
        line, column = text.count("\n", 0, found.start()) + 1, found.start() - text.rfind("\n", 0, found.start())
        raise _Broken(f"an invisible control character (U+{ord(found[0]):04X}) stands here: delete it", line, column)
    try:
        root: Node | None = YAML(typ="rt", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise _Broken(_explain(error), *place) from error
    except (YAMLError, ValueError) as error:
        raise _Broken(f"this is not YAML: {error}") from error
    except RecursionError as error:
        raise _Broken("this is nested too deeply") from error
    if root is None:
        raise _Broken('the list is empty: it begins with "sources:"')
    _refuse_references(root, 0)
    return root


def _explain(error: MarkedYAMLError) -> str:
    problem = str(error.problem or error.context)
    remedy = next((remedy for sign, remedy in _REMEDIES.items() if sign in problem), "look at the indentation")
    return f"this is not YAML: {problem} ({remedy})"


def _refuse_references(node: Node, depth: int) -> None:
    if node.anchor is not None:
        raise _Broken("& and * refer to other places, which a list has no use for: write the text out", *_place(node))
    if depth > MAX_DEPTH:
        raise _Broken("this is nested too deeply", *_place(node))
    inner = [part for pair in node.value for part in pair] if isinstance(node, MappingNode) else node.value
    for part in inner if isinstance(node, MappingNode | SequenceNode) else ():
        _refuse_references(part, depth + 1)


def _place(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _pairs(node: Node) -> Iterator[tuple[ScalarNode, Node]]:
    if isinstance(node, MappingNode):
        yield from ((key, value) for key, value in node.value if isinstance(key, ScalarNode))


def _rows(root: Node) -> Iterator[tuple[str, list[Node]]]:
    for key, value in _pairs(root):
        if key.value in _LISTS and isinstance(value, SequenceNode):
            yield key.value, value.value


def _faults_of_shape(root: Node) -> Iterator[Fault]:
    names = [key.value for key, _ in _pairs(root)]
    if "sources" not in names:
        yield Fault('"sources:" is missing: a list of sources begins with it', *_place(root))
    for key, value in _pairs(root):
        if key.value not in _LISTS:
            yield Fault(_unknown(key.value, list(_LISTS)), *_place(key))
        elif not isinstance(value, SequenceNode):
            yield Fault(f'under "{key.value}:" stand rows, each of them beginning with "- title:"', *_place(value))
        elif len(value.value) > MAX_ROWS:
            raise _Broken(f"a list has at most {MAX_ROWS:,} rows; this one has {len(value.value):,}", *_place(key))
        if names.count(key.value) > 1:
            yield Fault(f'"{key.value}" stands twice', *_place(key))


def _plain(node: Node) -> object:
    if isinstance(node, SequenceNode):
        return [_plain(item) for item in node.value]
    if isinstance(node, MappingNode):
        return {key.value: _plain(value) for key, value in _pairs(node)}
    return "" if getattr(node, "style", None) is None and node.value in _NULLS else node.value


def _read_row(node: Node, model: type[BaseModel]) -> tuple[BaseModel | None, list[Fault]]:
    if not isinstance(node, MappingNode):
        return None, [Fault('a row is a list of keys: "title:", "url:" and so on', *_place(node))]
    names = [key.value for key, _ in _pairs(node)]
    title = next((str(value.value)[:80] for key, value in _pairs(node) if key.value == "title"), "")
    twice = [key for index, (key, _) in enumerate(_pairs(node)) if key.value in names[:index]]
    faults = [Fault(f'source "{title}": "{key.value}" stands twice', *_place(key)) for key in twice]
    values = {key.value: _plain(value) for key, value in _pairs(node)}
    # An empty value is as good as none, so that a key may be left to be filled in.
    given = {key: value for key, value in values.items() if value != "" or key not in model.model_fields}
    try:
        return model.model_validate(given), faults
    except ValidationError as error:
        return None, faults + [
            _as_fault(node, model, title, details) for details in error.errors(include_url=False, include_input=False)
        ]


def _as_fault(node: MappingNode, model: type[BaseModel], title: str, details: ErrorDetails) -> Fault:
    key = str(details["loc"][0]) if details["loc"] else ""
    message = str(details["msg"]).removeprefix("Value error, ")
    place = _place(node)
    for name, value in _pairs(node):
        if name.value == key:
            place = _place(name if details["type"] == "extra_forbidden" else value)
    if details["type"] == "extra_forbidden":
        message = _unknown(key, list(model.model_fields))
    elif details["type"] == "missing":
        message = f'"{key}" is missing'
    elif details["type"] == "bool_parsing":
        message = f'"{key}" is true or false'
    elif key:
        message = f'"{key}": {message[:1].lower()}{message[1:]}'
    return Fault(f'source "{title}": {message}' if title else message, *place)


def _unknown(key: str, known: list[str]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    return f'unknown key "{key[:80]}" ' + (f'(did you mean "{close[0]}"?)' if close else f"(known: {', '.join(known)})")
