"""Generated claims and real texts, for the benchmarks of matching."""

import csv
import gzip
import io
import json
import random
import sys
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from monitor.text.normalise import fold
from monitor.text.tokens import Tokens

KHMER_TEXTS = 100
_MAX_BODY = 10_000_000


@dataclass(frozen=True, slots=True)
class Generated:
    """One claim's query, as Monitor's language and as a tsquery in PostgreSQL's `simple` configuration."""

    query: str
    tsquery: str


def load_texts(folder: Path) -> list[str]:
    """Read the real texts: pages with their true text, article bodies, and some Khmer news."""
    truth = json.loads((folder / "pages" / "ground-truth.json").read_text(encoding="utf-8"))
    texts = [page["articleBody"] for page in truth.values()]
    csv.field_size_limit(min(sys.maxsize, _MAX_BODY))
    with gzip.open(folder / "fnc1" / "train_bodies.csv.gz", "rt", encoding="utf-8") as bodies:
        texts += [row["articleBody"] for row in csv.DictReader(bodies)]
    with zipfile.ZipFile(folder / "khmer_news_1000.zip") as news:
        names = [name for name in news.namelist() if "_orig" in name and name.endswith(".txt")][:KHMER_TEXTS]
        texts += [io.TextIOWrapper(news.open(name), encoding="utf-8").read() for name in names]
    return [text for text in texts if text.strip()]


def generate_claims(texts: Sequence[str], count: int, chance: random.Random) -> list[Generated]:
    """Make claims of the kinds that operators write, out of the words of real texts.

    35 % a name in some spellings and one of two words, 25 % a phrase and one of two words without a third, 15 % three
    words, 15 % a name without a word, 10 % two words near each other. Half of the names stand in no text.
    """
    tokens = [Tokens(fold(text)).forms for text in texts]
    seen_in = Counter(chain.from_iterable(map(set, tokens)))
    words = sorted(word for word in seen_in if word.isascii() and word.isalpha() and len(word) > 3)
    middling = [word for word in words if 5 <= seen_in[word] <= len(texts) // 8]
    maker = _Maker(chance, middling, [forms for forms in tokens if len(forms) > 20 and forms[0].isascii()])
    return [maker.claim() for _ in range(count)]


class _Maker:
    def __init__(self, chance: random.Random, words: Sequence[str], tokens: Sequence[Sequence[str]]) -> None:
        self.chance, self.words, self.tokens = chance, words, tokens
        self._rare = frozenset(words)

    def claim(self) -> Generated:
        kind, (a, b, c) = self.chance.random(), self.chance.sample(self.words, 3)
        if kind < 0.35:
            return _joined(self._name(), "AND", "&", _either(a, b))
        if kind < 0.6:
            left = _joined(self._phrase(3), "AND", "&", _either(a, b))
            return Generated(f"{left.query} AND NOT {c}", f"{left.tsquery} & !'{c}'")
        if kind < 0.75:
            return Generated(f"{a} AND {b} AND {c}", f"'{a}' & '{b}' & '{c}'")
        if kind < 0.9:
            name = self._name()
            return Generated(f"{name.query} AND NOT {c}", f"{name.tsquery} & !'{c}'")
        near = " | ".join(f"('{a}' <{n}> '{b}') | ('{b}' <{n}> '{a}')" for n in range(1, 12))
        return Generated(f"{a} NEAR/10 {b}", near)

    def _name(self) -> Generated:
        spellings = [self._invented() if self.chance.random() < 0.5 else self._phrase(2) for _ in range(3)]
        query, tsquery = (joint.join(parts) for joint, parts in _columns(spellings))
        return Generated(f"({query})", f"({tsquery})")

    def _invented(self) -> Generated:
        letters = "".join(self.chance.choices("abcdefghiklmnoprstuvwz", k=9))
        word = self.chance.choice(self.words)
        return Generated(f'"{letters} {word}"', f"('{letters}' <-> '{word}')")

    def _phrase(self, length: int) -> Generated:
        forms = self.chance.choice(self.tokens)
        start = self.chance.randrange(len(forms) - length)
        while not any(form in self._rare for form in forms[start : start + length]):
            # A name is no "of the".
            forms = self.chance.choice(self.tokens)
            start = self.chance.randrange(len(forms) - length)
        taken = forms[start : start + length]
        return Generated(f'"{" ".join(taken)}"', "(" + " <-> ".join(f"'{form}'" for form in taken) + ")")


def _columns(parts: Sequence[Generated]) -> list[tuple[str, list[str]]]:
    return [(" OR ", [part.query for part in parts]), (" | ", [part.tsquery for part in parts])]


def _either(a: str, b: str) -> Generated:
    return Generated(f"({a} OR {b})", f"('{a}' | '{b}')")


def _joined(left: Generated, word: str, sign: str, right: Generated) -> Generated:
    return Generated(f"{left.query} {word} {right.query}", f"{left.tsquery} {sign} {right.tsquery}")
