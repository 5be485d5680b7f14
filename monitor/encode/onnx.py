"""Any sentence encoder in ONNX form, from a folder of the operator's. Needs the extra `onnx`.

In: the model's file, or a folder with `model.onnx`; `tokenizer.json` beside it. Out: mean-pooled vectors of length 1.
Never: fetches a model. Models of the E5 family (told by their name) get the words "query: " and "passage: " first.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from monitor.encode.texts import prepared
from monitor.model.ports import TextKind

_MAX_TOKENS = 256
_NAMES = ("model.onnx", "model_quantized.onnx", "model_int8.onnx", "onnx/model.onnx")


class OnnxEncoder:
    """The port `Encoder` on onnxruntime. Raises ImportError without the extra, ValueError for an unfit model."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        try:
            import onnxruntime  # noqa: PLC0415 (an extra)
            from tokenizers import Tokenizer  # noqa: PLC0415 (the same)
        except ImportError as error:
            raise ImportError(f"{error}; install the extra: pip install 'monitor-newswatch[onnx]'") from error
        model, tokenizer = _find(path)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        try:
            self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
            self._tokenizer = Tokenizer.from_str(tokenizer.read_text(encoding="utf-8"))
        except Exception as error:
            raise ValueError(f"{model} can't be used as an encoder: {error}") from error
        self._tokenizer.enable_truncation(_MAX_TOKENS)
        self._tokenizer.enable_padding()
        self._inputs = {given.name for given in self._session.get_inputs()}
        self._is_e5 = "e5" in model.parent.name.lower() or "e5" in model.stem.lower()
        with model.open("rb") as content:
            self._id = f"onnx-{model.parent.name}-{hashlib.file_digest(content, 'sha256').hexdigest()[:12]}"
        self._dimensions = self._run(["probe"]).shape[1]

    @property
    def model_id(self) -> str:
        """Names the model by its folder and the hash of its file."""
        return self._id

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has."""
        return int(self._dimensions)

    def encode(self, texts: Sequence[str], kind: TextKind) -> NDArray[np.float32]:
        """Return the vectors of some texts, rows of length 1."""
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        return self._run(prepared(texts, kind, is_e5=self._is_e5))

    def _run(self, texts: Sequence[str]) -> NDArray[np.float32]:
        tokens = self._tokenizer.encode_batch(list(texts))
        mask = np.array([token.attention_mask for token in tokens], np.int64)
        ids = np.array([token.ids for token in tokens], np.int64)
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        output = self._session.run(None, {name: given[name] for name in self._inputs if name in given})[0]
        vectors = output
        if output.ndim == 3:
            weights = mask[:, :, None].astype(np.float32)
            vectors = (output * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1)
        vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        unit: NDArray[np.float32] = vectors.astype(np.float32)
        return unit


def _find(path: Path) -> tuple[Path, Path]:
    """Return the model's file and its tokenizer's. Raises ValueError that says what is missing."""
    candidates = [path] if path.is_file() else [path / name for name in _NAMES]
    model = next((candidate for candidate in candidates if candidate.is_file()), None)
    if model is None:
        raise ValueError(f"no ONNX model at {path}; give the .onnx file, or a folder with model.onnx in it")
    for folder in (model.parent, model.parent.parent):
        if (folder / "tokenizer.json").is_file():
            return model, folder / "tokenizer.json"
    raise ValueError(f"tokenizer.json is missing beside {model}")
