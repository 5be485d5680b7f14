"""Plain denials in languages other than English, by a list of cues: `data/cues.json`, each with its English gloss.

In: a passage and its language. Out: cues and glosses. Never: a side that rests on anything else; nothing was trained
for these languages. Whether a native reader has checked a cue stands beside it in the file.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from monitor.match.standing import MAX_CHARACTERS
from monitor.text.normalise import fold
from monitor.text.tokens import Tokens

FILE = "cues.json"
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Cues:
    """The cues of one language, each with how it is shown, and what turns a cue into something else.

    `keeps_marks`: accents tell its words apart ("bác bỏ", to reject, and the Gulf of "Bắc Bộ"), and are not folded.
    """

    shown: Mapping[str, str]
    unless: tuple[str, ...]
    keeps_marks: bool = False


@cache
def known_cues() -> Mapping[str, Cues]:
    """Return the cues by language (ISO 639-1), each as its tokens with a space at either end."""
    kept = json.loads(files("monitor.match").joinpath("data", FILE).read_text(encoding="utf-8"))
    return {
        language: Cues(
            {_spaced(one["cue"], marks): f"{one['cue']} ({one['gloss']})" for one in entry["cues"]},
            tuple(_spaced(text, marks) for text in entry["unless"]),
            marks,
        )
        for language, entry in kept["languages"].items()
        for marks in (entry.get("marks", False),)
    }


def find_foreign_denial(text: str, language: str) -> tuple[str, ...]:
    """Return the cues of a plain denial, each as "cue (gloss)"; () where there is none or the language has no list."""
    cues = known_cues().get(language.lower().split("-")[0])
    if cues is None or "?" in text or "？" in text:
        return ()
    spaced = _spaced(text[:MAX_CHARACTERS], cues.keeps_marks)
    for other in cues.unless:
        spaced = spaced.replace(other, "  ")
    found = [cue for cue in cues.shown if cue in spaced]
    longest = [cue for cue in found if not any(cue != other and cue in other for other in found)]
    return tuple(cues.shown[cue] for cue in longest)


def _spaced(text: str, keeps_marks: bool) -> str:
    """Return a text's tokens with a space before, between and after: a cue is then a substring that cuts no token."""
    if keeps_marks:
        return f" {' '.join(_WORD.findall(unicodedata.normalize('NFC', text).casefold()))} "
    return f" {' '.join(Tokens(fold(text)).forms)} "
