"""Vectors kept on disk between evaluations: encoding is the slow part, and the texts stay the same."""

import hashlib
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from monitor.model.ports import Encoder, TextKind

_AT_ONCE = 64


class KeptVectors:
    """An encoder that remembers: the port `Encoder`, over another one and a file of vectors."""

    def __init__(self, encoder: Encoder, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._encoder = encoder
        self._kept = sqlite3.connect(path, timeout=60)
        self._kept.execute("PRAGMA journal_mode=WAL")
        self._kept.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")

    @property
    def model_id(self) -> str:
        """Names the model and its version."""
        return self._encoder.model_id

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has."""
        return self._encoder.dimensions

    def encode(self, texts: Sequence[str], kind: TextKind) -> NDArray[np.float32]:
        """Return the vectors, encoding only what was never encoded; says on stderr how far it is."""
        keys = [hashlib.sha256(f"{self.model_id}\0{kind}\0{text}".encode()).digest() for text in texts]
        known = self._load(keys)
        missing = list({key: text for key, text in zip(keys, texts, strict=True) if key not in known}.items())
        for start in range(0, len(missing), _AT_ONCE):
            some = missing[start : start + _AT_ONCE]
            vectors = self._encoder.encode([text for _, text in some], kind).astype(np.float16)
            rows = [(key, vector.tobytes()) for (key, _), vector in zip(some, vectors, strict=True)]
            with self._kept:
                self._kept.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
            known |= {key: vector.astype(np.float32) for (key, _), vector in zip(some, vectors, strict=True)}
            print(f"\rencoding: {start + len(some)} of {len(missing)}  ", end="", file=sys.stderr, flush=True)
        if missing:
            print(file=sys.stderr)
        if not keys:
            return np.zeros((0, self.dimensions), np.float32)
        return np.stack([known[key] for key in keys])

    def _load(self, keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        known: dict[bytes, NDArray[np.float32]] = {}
        wanted = list(dict.fromkeys(keys))
        for start in range(0, len(wanted), 500):
            some = wanted[start : start + 500]
            marks = ",".join("?" * len(some))
            query = f"SELECT key, vector FROM vectors WHERE key IN ({marks})"  # noqa: S608 (question marks only)
            for key, vector in self._kept.execute(query, some):
                known[key] = np.frombuffer(vector, np.float16).astype(np.float32)
        return known
